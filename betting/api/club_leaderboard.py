"""/api/clubs/{slug}/leaderboard/: what the members of a club won."""

from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.auth.authentication import SignedIn, user_of
from betting.wire.answers import LeaderboardAnswer
from betting.wire.past import club_standings
from rooms import clubs
from rooms.models import MAIN_CLUB
from web.contract.descriptions import described
from web.negotiation import respond
from web.refusals import Refused


class ClubLeaderboard(APIView):
    permission_classes = [SignedIn]

    @described(answers={200: LeaderboardAnswer}, refuses=("not_member",))
    def get(self, request: Request, slug: str) -> Response:
        """The largest winners of a club's last thirty days, and the own rank; for its members.

        At most a minute old. The main club has none.
        """
        club, user = clubs.find(slug), user_of(request)
        if club.slug == MAIN_CLUB or not (clubs.role_in(user, club) or clubs.may_run(user, club)):
            raise Refused("not_member", _("Enter a room of the club first."))
        return respond(club_standings.leaderboard(club, user.pk))
