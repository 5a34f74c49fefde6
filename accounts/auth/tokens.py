"""Sign-ins and their tokens: a short access token that proves, a refresh token that renews.

A sign-in is a family of refresh tokens, counted in generations: each use hands out one of the
next. Once a generation is used, those before it are over; the use of one of them means that
somebody holds a copy, so the whole family ends.
"""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

import jwt
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from rest_framework_simplejwt import tokens as simplejwt
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import (
    ExpiredTokenError,
    TokenBackendError,
    TokenError,
)

from accounts.auth import revocation
from accounts.models import Ban, RefreshToken, SignIn, User
from web.times import now_ms

ACCESS_LIFETIME_S = 300
# The clock of the machine that made a token may be so far ahead.
CLOCKS_APART_S = 5
REFRESH_LIFETIME_S = 30 * 86_400
REMOVED_AT_ONCE = 1_000
# Why a sign-in ended in whose place another began in the same browser.
SUCCEEDED = ("upgraded", "replaced", "password changed")
USER_ID_MAX = 2**63 - 1
HEADS_KEPT = 16
_FAMILY_CHARACTERS = 32

_ALGORITHM = "HS256"


class KeyRing(TokenBackend):
    """Signs with the first of TOKEN_KEYS and verifies with the one that a token names.

    So a key is rotated by putting a new one in front and taking the old one away 5 minutes later.
    """

    def __init__(self) -> None:
        super().__init__(_ALGORITHM, leeway=CLOCKS_APART_S)

    def encode(self, payload: dict[str, Any]) -> str:
        key_id, key = next(iter(settings.TOKEN_KEYS.items()))
        return jwt.encode(payload, key, algorithm=_ALGORITHM, headers={"kid": key_id})

    def get_verifying_key(self, token: Any) -> str:
        try:
            key: str = settings.TOKEN_KEYS[_key_id(str(token).partition(".")[0])]
        except (jwt.InvalidTokenError, KeyError, TypeError) as error:
            raise TokenBackendError("no such key") from error
        return key


@lru_cache(maxsize=HEADS_KEPT)
def _key_id(head: str) -> str:
    """The key that a token names in its head, which all tokens of a key have in common."""
    # The reader of heads wants a whole token.
    return str(jwt.get_unverified_header(f"{head}.e30.").get("kid"))


class AccessToken(simplejwt.AccessToken):
    """Proves for 5 minutes who somebody is and by which sign-in; claims `user` and `sign_in`."""

    lifetime = timedelta(seconds=ACCESS_LIFETIME_S)

    @cached_property
    def _ring(self) -> KeyRing:
        return KeyRing()

    def get_token_backend(self) -> KeyRing:
        return self._ring

    def verify(self) -> None:
        """Refuse an expired token to the second: the leeway is for its beginning alone."""
        super().verify()
        if self["exp"] <= self.current_time.timestamp():
            raise ExpiredTokenError


class Unproven(Exception):
    """An access token proves nothing; `why` is a word for sockets: expired or invalid."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a valid access token says; whether the sign-in still stands is another question."""

    user_id: int
    sign_in_id: str
    expires_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """New tokens of a sign-in."""

    user: User
    sign_in: SignIn
    access: str
    refresh: str
    access_expires_at_ms: int


def prove(access: str) -> Proof:
    """Read an access token. Raises Unproven."""
    try:
        token = AccessToken(access)  # type: ignore[arg-type]
        user_id = int(token["user"])
        if not 0 < user_id <= USER_ID_MAX:
            raise ValueError(user_id)
        return Proof(
            user_id=user_id,
            sign_in_id=str(UUID(token["sign_in"])),
            expires_at_ms=int(token["exp"]) * 1000,
        )
    except ExpiredTokenError as error:
        raise Unproven("expired") from error
    except (
        TokenError, KeyError, ValueError, TypeError, AttributeError, OverflowError, OSError,
    ) as error:  # fmt: skip
        raise Unproven("invalid") from error


def with_users(at_ms: int | None = None) -> QuerySet[SignIn]:
    """Sign-ins with their users, each marked `is_banned`; one read decides about a request."""
    bans = Ban.objects.in_force(at_ms or now_ms()).filter(user=OuterRef("user"))
    return SignIn.objects.select_related("user").annotate(is_banned=Exists(bans))


def nicknames(sign_in_ids: Collection[str]) -> dict[tuple[str, int], str]:
    """The nicknames behind those of these sign-ins that are valid, by sign-in and user."""
    bans = Ban.objects.in_force(now_ms()).filter(user=OuterRef("user"))
    good = SignIn.objects.filter(
        ~Exists(bans), pk__in=sign_in_ids, ended_at_ms=None, user__is_active=True
    )
    found = good.values_list("pk", "user_id", "user__nickname")
    return {(str(pk), user_id): nickname for pk, user_id, nickname in found}


def start(user: User, *, device: str = "", address: str = "", user_agent: str = "") -> Fresh:
    """Begin a sign-in of this user with its first tokens."""
    with transaction.atomic():
        sign_in = SignIn.objects.create(
            user=user, device=device[:32], address=address[:45], user_agent=user_agent[:200]
        )
        return _fresh(sign_in, user, _next_refresh(sign_in, generation=1))


def refresh(token: str, *, device: str = "") -> Fresh | None:
    """Use a refresh token; None where it is good for nothing (unknown, expired, ended, reused).

    Answers get lost, and guests have no password: until a successor was used, the token before it
    gets a new successor each time, however late, on the device of the sign-in. The first use of a
    successor forgets the tokens before it; one of those, or a repeat from another device, is a
    copy, and the family ends.
    """
    at_ms = now_ms()
    found = RefreshToken.objects.filter(digest=_digest(token)).first()
    sign_in_id = found.sign_in_id if found else _family(token)
    sign_in = with_users().filter(pk=sign_in_id).first() if sign_in_id else None
    if not sign_in or not is_good(sign_in) or (found and found.expires_at_ms <= at_ms):
        return None
    if found and (found.used_at_ms is None or device == sign_in.device):
        with transaction.atomic():
            # The row is locked by its update: a successor that is used at this moment waits, or
            # has removed it.
            if RefreshToken.objects.filter(pk=found.pk).update(used_at_ms=at_ms):
                earlier = RefreshToken.objects.filter(sign_in=sign_in)
                earlier.filter(generation__lt=found.generation).delete()
                SignIn.objects.filter(pk=sign_in.pk).update(seen_at=timezone.now())
                return _fresh(sign_in, sign_in.user, _next_refresh(sign_in, found.generation + 1))
    end([sign_in.pk], "reused")
    return None


def renewable(token: str, *, device: str = "") -> SignIn | None:
    """The sign-in that `refresh` would renew, of a banned user too; the token is not used up."""
    at_ms = now_ms()
    usable = Q(used_at_ms=None) | Q(sign_in__device=device)
    found = RefreshToken.objects.select_related("sign_in__user").filter(
        usable,
        digest=_digest(token),
        expires_at_ms__gt=at_ms,
        sign_in__ended_at_ms=None,
        sign_in__user__is_active=True,
    )
    renewed = found.first()
    return renewed.sign_in if renewed else None


def _seal() -> signing.Signer:
    return signing.Signer(salt="accounts.refresh-tokens")


def _family(token: str) -> UUID | None:
    """The sign-in of a token that was issued here; so a used one is known when its row is gone.

    The seal is what counts: the id of a sign-in alone is no secret.
    """
    try:
        return UUID(hex=_seal().unsign(token)[:_FAMILY_CHARACTERS])
    except (signing.BadSignature, ValueError):
        return None


def is_good(sign_in: SignIn) -> bool:
    """Whether a sign-in from `with_users` is still valid."""
    is_banned: bool = getattr(sign_in, "is_banned", False)
    return sign_in.ended_at_ms is None and sign_in.user.is_active and not is_banned


def end(sign_in_ids: Collection[UUID], why: str) -> int:
    """End sign-ins for good; those already ended keep their reason. Returns how many ended."""
    ending = SignIn.objects.filter(pk__in=sign_in_ids, ended_at_ms=None)
    return ending.update(ended_at_ms=now_ms(), ended_why=why)


def end_and_tell(sign_in_ids: Collection[UUID], why: str) -> None:
    """As `end`; their sockets close at once, in all processes."""
    end(sign_in_ids, why)
    revocation.tell(revocation.Ended(sign_ins=frozenset(map(str, sign_in_ids))))


def end_all(user: User, why: str, *, but: UUID | None = None) -> int:
    """End every sign-in of a user, but perhaps one, and every session of the admin."""
    user.signed_out_at_ms = now_ms()
    User.objects.filter(pk=user.pk).update(signed_out_at_ms=user.signed_out_at_ms)
    ending = SignIn.objects.filter(user=user, ended_at_ms=None)
    if but is not None:
        ending = ending.exclude(pk=but)
    return ending.update(ended_at_ms=user.signed_out_at_ms, ended_why=why)


def sign_in_of(refresh_token: str) -> UUID | None:
    """The family of a refresh token, used or not."""
    tokens = RefreshToken.objects.filter(digest=_digest(refresh_token))
    return tokens.values_list("sign_in_id", flat=True).first()


def forget_expired(at_ms: int | None = None) -> int:
    """Remove a thousand expired refresh tokens; returns how many."""
    over = RefreshToken.objects.filter(expires_at_ms__lte=at_ms or now_ms())
    digests = list(over.values_list("pk", flat=True)[:REMOVED_AT_ONCE])
    removed, _ = RefreshToken.objects.filter(pk__in=digests).delete()
    return removed


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _next_refresh(sign_in: SignIn, generation: int) -> str:
    token = _seal().sign(sign_in.pk.hex + secrets.token_urlsafe(32))
    RefreshToken.objects.create(
        digest=_digest(token),
        sign_in=sign_in,
        generation=generation,
        expires_at_ms=now_ms() + REFRESH_LIFETIME_S * 1000,
    )
    return token


def _fresh(sign_in: SignIn, user: User, refresh_token: str) -> Fresh:
    access = AccessToken()
    access["user"] = user.pk
    access["sign_in"] = str(sign_in.pk)
    return Fresh(
        user=user,
        sign_in=sign_in,
        access=str(access),
        refresh=refresh_token,
        access_expires_at_ms=int(access["exp"]) * 1000,
    )
