"""Markets, bets, and a user's coins over HTTP; see docs/protocol.md."""

from collections.abc import Callable
from typing import ClassVar, TypeVar
from urllib.parse import urlencode

import msgspec
from django.core.cache import cache
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.auth.authentication import SignedIn, user_of
from accounts.messages import RenameAsk, UserAnswer, user_shape
from accounts.sockets.frames import encode
from betting import requested
from betting.actions import bets, decisions, markets, payments, refills, wallets
from betting.bank import metrics
from betting.bank.values import MarketState
from betting.models import Market
from betting.wire import broadcast
from betting.wire.answers import (
    LeaderboardAnswer,
    MeAnswer,
    MyBetsPage,
    MyLedgerPage,
    RefillAnswer,
    ResultAnswer,
)
from betting.wire.messages import Accepted, MarketBoard, MarketPreview, Order
from betting.wire.past import history, results
from betting.wire.previews import preview_of
from betting.wire.requests import CallOff, Decision, RefillAsk
from rooms.api.room_view import caller
from rooms.fanout import hub
from rooms.keys.key_authentication import key_of
from rooms.messages import Person, Renamed
from rooms.people import renaming
from rooms.people.screen_passes import WITH_SCREENS
from web import limits
from web.contract.descriptions import described
from web.contract.fields import PageQuery
from web.negotiation import respond
from web.parsing import Nothing, given, parse
from web.refusals import Refused
from web.rows import replica

LEADERBOARD_TTL_S = 5
# A result stays; only the names that people have in the room may change.
RESULT_TTL_S = 60

Row = TypeVar("Row")


class Result(APIView):
    """GET /api/markets/{id}/result/"""

    authentication_classes = WITH_SCREENS
    permission_classes = [AllowAny]
    key_rights: ClassVar[dict[str, str]] = {"GET": "figures"}

    @described(answers={200: ResultAnswer})
    def get(self, request: Request, market_id: int) -> Response:
        """The largest winners of a market and what it paid; not_found while it is undecided."""
        market = requested.market(request, market_id)
        if not market.is_final:
            raise Refused("not_found")
        name = f"result:{market.pk}"
        told = cache.get(name)
        if told is None:
            # Plain values: processes of two versions may share them.
            told = msgspec.to_builtins(replica.read(results.result_of, market))
            cache.set(name, told, RESULT_TTL_S)
        return Response(told)


class Step(APIView):
    """A step of a market that needs no body."""

    permission_classes = [SignedIn]
    refuses: tuple[str, ...] = ()

    @described(asks=Nothing, answers={200: MarketBoard})
    def post(self, request: Request, market_id: int) -> Response:
        """Do the step; repeating it returns the same."""
        parse(request.data, Nothing)
        market = requested.market(request, market_id)
        return requested.shown(
            self.take(markets.author(user_of(request), market.room), market), request
        )

    def take(self, by: markets.Author, market: Market) -> Market:
        """Do the step of this class; returns the market as SQL has it then."""
        raise NotImplementedError


class Open(Step):
    """POST /api/markets/{id}/open/"""

    refuses = ("room_ended", "too_many_markets")
    key_rights: ClassVar[dict[str, str]] = {"POST": "ask"}

    def take(self, by: markets.Author, market: Market) -> Market:
        """Open a draft."""
        markets.open_market(by, market)
        return market


class Lock(Step):
    """POST /api/markets/{id}/lock/"""

    refuses = ("market_not_open",)
    key_rights: ClassVar[dict[str, str]] = {"POST": "lock"}

    def take(self, by: markets.Author, market: Market) -> Market:
        """Take no more bets; where rule 5 gives everything back, that is paid, too."""
        return payments.pay_soon(market, decisions.lock(by, market)) or market


class Settle(APIView):
    """POST /api/markets/{id}/settle/"""

    permission_classes = [SignedIn]
    key_rights: ClassVar[dict[str, str]] = {"POST": "settle"}

    @described(
        asks=Decision,
        answers={200: MarketBoard | MarketPreview, 202: MarketBoard},
        refuses=(
            "no_such_outcome",
            "market_not_open",
            "market_not_locked",
            "holder_may_not_settle",
            "already_decided",
            "frozen",
        ),
    )
    def post(self, request: Request, market_id: int) -> Response:
        """Name the winners: 202 with `official` while it is unofficial, or while the clock pays.

        200 when it is paid.
        """
        decision = parse(request.data, Decision)
        market = requested.market(request, market_id)
        by = markets.author(user_of(request), market.room)
        if decision.preview:
            settlement = decisions.preview(by, market, decision)
            board = requested.board(market, request)
            return respond(preview_of(market.room_id, board, settlement))
        return _paid(request, market, decisions.settle(by, market, decision))


class Withdraw(Step):
    """POST /api/markets/{id}/withdraw/"""

    refuses = ("market_not_open", "market_not_locked", "holder_may_not_settle", "already_decided")
    key_rights: ClassVar[dict[str, str]] = {"POST": "settle"}

    def take(self, by: markets.Author, market: Market) -> Market:
        """Take an unofficial result back; the market is locked as before."""
        decisions.withdraw(by, market)
        return market


class Void(APIView):
    """POST /api/markets/{id}/void/"""

    permission_classes = [SignedIn]
    key_rights: ClassVar[dict[str, str]] = {"POST": "settle"}

    @described(
        asks=CallOff,
        answers={200: MarketBoard, 202: MarketBoard},
        refuses=("market_not_open", "holder_may_not_settle", "already_decided", "frozen"),
    )
    def post(self, request: Request, market_id: int) -> Response:
        """Call the market off and give every stake back; 200 and 202 as for settling."""
        reason_text = decisions.reason(parse(request.data, CallOff))
        market = requested.market(request, market_id)
        by = markets.author(user_of(request), market.room)
        return _paid(request, market, decisions.void(by, market, reason_text))


def _paid(request: Request, market: Market, state: MarketState | None) -> Response:
    recorded = payments.pay_soon(market, state)
    return requested.shown(recorded or market, request, 200 if recorded else 202)


class MarketBets(APIView):
    """POST /api/markets/{id}/bets/: the HTTP twin of `bet.place`."""

    permission_classes = [SignedIn]

    @described(
        asks=Order,
        answers={200: Accepted, 201: Accepted},
        refuses=(
            "key_reused",
            "expired",
            "room_ended",
            "not_member",
            "market_not_open",
            "market_closed",
            "frozen",
            "host_may_not_bet",
            "no_such_outcome",
            "other_outcome_taken",
            "stake_below_minimum",
            "stake_above_maximum",
            "not_inside",
            "not_enough_coins",
        ),
    )
    def post(self, request: Request, market_id: int) -> Response:
        """Stake coins: 201 when taken, 200 with the same body when it had been taken before."""
        order = parse(request.data, Order)
        user = user_of(request)
        try:
            bettor = bets.bettor_of(user.pk, market_id)
            limits.check("bets", user.pk)
            placed = bets.place_bet(bettor, market_id, order)
        except Refused as refused:
            metrics.refused(refused.code, order.bet_id, market_id)
            raise
        metrics.accepted(is_repeat=placed.is_repeat)
        if placed.state is not None and not placed.is_repeat:
            is_blind = bettor.is_blind is not False
            broadcast.bet_taken(bettor.room_id, placed.state, user.pk, is_blind=is_blind)
        status = 200 if placed.is_repeat else 201
        return respond(placed.answer, status)


class Me(APIView):
    """GET and PATCH /api/auth/me/"""

    permission_classes = [SignedIn]

    @described(answers={200: MeAnswer})
    def get(self, request: Request) -> Response:
        """The own account, and its coins in each club."""
        user = user_of(request)
        return respond(MeAnswer(user=user_shape(user), wallets=wallets.coins_of(user.pk)))

    @described(asks=RenameAsk, answers={200: UserAnswer}, refuses=("nickname_refused", "too_fast"))
    def patch(self, request: Request) -> Response:
        """Take another name; it is sent to everybody in the rooms where the user is."""
        user = user_of(request)
        for room_id, name in renaming.rename(user, parse(request.data, RenameAsk).nickname):
            hub.post_frame(room_id, encode(Renamed(Person(user.pk, name))))
            hub.post_recheck(room_id)
        return respond(UserAnswer(user=user_shape(user)))


class Refill(APIView):
    """POST /api/me/refill/"""

    permission_classes = [SignedIn]

    @described(
        asks=RefillAsk,
        answers={200: RefillAnswer},
        refuses=("not_found", "too_fast", "not_broke", "stake_above_maximum"),
    )
    def post(self, request: Request) -> Response:
        """Take coins when next to none are left and none are at stake."""
        ask = parse(request.data, RefillAsk)
        return respond(refills.refill(user_of(request).pk, ask.club))


class MyBets(APIView):
    """GET /api/me/bets/"""

    permission_classes = [SignedIn]

    @described(query=PageQuery, answers={200: MyBetsPage})
    def get(self, request: Request, query: PageQuery) -> Response:
        """The own bets, with what each brought; newest first."""
        return _page(request, query, history.bets, MyBetsPage)


class MyLedger(APIView):
    """GET /api/me/ledger/"""

    permission_classes = [SignedIn]

    @described(query=PageQuery, answers={200: MyLedgerPage})
    def get(self, request: Request, query: PageQuery) -> Response:
        """Every movement of the own coins, newest first."""
        return _page(request, query, history.movements, MyLedgerPage)


def _page(
    request: Request,
    query: PageQuery,
    read: Callable[[int, int | None], history.Page[Row]],
    shape: Callable[[list[Row], str | None], msgspec.Struct],
) -> Response:
    """50 rows, and the path of the next ones; what was decided just now is there already."""
    user_id = user_of(request).pk
    history.catch_up(user_id)
    page = read(user_id, given(query.before))
    path = request.path + "?" + urlencode({"before": page.before}) if page.before else None
    return respond(shape(page.results, path))


class Leaderboard(APIView):
    """GET /api/rooms/{code}/leaderboard/"""

    permission_classes = [AllowAny]
    key_rights: ClassVar[dict[str, str]] = {"GET": "figures"}

    @described(answers={200: LeaderboardAnswer})
    def get(self, request: Request, code: str) -> Response:
        """The largest winners of a room, and the own rank; at most five seconds old."""
        room = requested.room(request, code)
        user = None if key_of(request) else caller(request)
        name = f"leaderboard:{room.pk}"
        top = cache.get(name)
        if top is None:
            best = history.top(room.pk) if room.is_live else replica.read(history.top, room.pk)
            top = msgspec.to_builtins(best)
            cache.set(name, top, LEADERBOARD_TTL_S)
        me = history.place_of(room.pk, user.pk) if user else None
        return Response({"top": top, "me": msgspec.to_builtins(me)})
