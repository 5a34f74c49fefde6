"""Every call of the API, as a method by the name of its operation.

Made by `python -m clients.generator`; changes by hand are lost.
"""

from ringside_client.api_calls.auth import AuthCalls
from ringside_client.api_calls.clubs import ClubsCalls
from ringside_client.api_calls.drafts import DraftsCalls
from ringside_client.api_calls.locations import LocationsCalls
from ringside_client.api_calls.markets import MarketsCalls
from ringside_client.api_calls.me import MeCalls
from ringside_client.api_calls.people import PeopleCalls
from ringside_client.api_calls.programs import ProgramsCalls
from ringside_client.api_calls.rooms import RoomsCalls


class Calls(
    AuthCalls,
    ClubsCalls,
    DraftsCalls,
    LocationsCalls,
    MarketsCalls,
    MeCalls,
    PeopleCalls,
    ProgramsCalls,
    RoomsCalls,
):
    """The calls; a class that extends this one sends them."""
