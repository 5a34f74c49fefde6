"""The people of every story, and the ways they reach a room."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from accounts.auth import tokens
from accounts.models import User
from rooms import access, opening
from rooms.models import Club, Membership, Room


def somebody(nickname: str) -> User:
    """A fresh guest."""
    return User.objects.create_user(nickname)


def room_of(host: User, **fields: Any) -> Room:
    """A live public room of a host, in which results are official at once unless told otherwise.

    Makes the main club anew where a test's flush took it.
    """
    Club.objects.get_or_create(slug="main", defaults={"id": 1, "title": "Main"})
    earlier = Room.objects.filter(host=host).count()
    title = f"Snail Derby {earlier + 1}" if earlier else "Snail Derby"
    fields = {"title": title, "visibility": "public", "official_after_s": 0} | fields
    return opening.open_room(host, key=None, **fields)


def member(room: Room, nickname: str, role: str = "player") -> User:
    """Somebody fresh who is in the room with a role."""
    user = somebody(nickname)
    access.enter(user, room)
    Membership.objects.filter(room=room, user=user).update(role=role, role_given_here=True)
    return user


class Caller(Client):
    """Calls the API as a user, by Bearer token; as nobody without one."""

    def __init__(self, user: User | None = None) -> None:
        super().__init__()
        self.user = user
        if user:
            self.sign_in = tokens.start(user)
            self.defaults["HTTP_AUTHORIZATION"] = f"Bearer {self.sign_in.access}"

    def ask(self, method: str, path: str, body: Any = None) -> HttpResponse:
        """Send JSON to /api/<path>."""
        raw = json.dumps(body) if body is not None else ""
        return self.generic(method, f"/api/{path}", raw, content_type="application/json")


def code_of(answer: HttpResponse) -> str:
    """The refusal's word, or ok."""
    return "ok" if answer.status_code < 400 else str(answer.json()["error"]["code"])
