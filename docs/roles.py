"""Writes docs/roles.md from the rights in rooms/access.py; `roles.write()` in `manage.py shell`.

Who may do what in a room, as a table of roles and acts.
"""

from pathlib import Path

from rooms.access import RANKS, RIGHTS

PAGE = Path(__file__).with_suffix(".md")
# Above all others, and below them; a screen, a stranger and somebody banned are no members.
OPERATOR, OUTSIDE = ("operator", max(RANKS.values()) + 1), ("stranger", "banned", "screen")
# Acts on a person, who must have a lower role; of lines the person is their author.
ON_PEOPLE = {
    "mute", "unmute", "remove", "ban", "unban", "delete_line", "make_player", "make_moderator",
    "make_cohost",
}  # fmt: skip
# Reading and speaking takes a member; an operator who is none acts from outside.
OF_MEMBERS = {"speak", "read_chat"}
WORDS = {
    "speak": "say a line",
    "read_chat": "read the chat",
    "see_members": "see who is a member",
    "see_evening": "see the standings of the evening",
    "mute": "mute",
    "unmute": "let speak again",
    "remove": "remove",
    "ban": "ban",
    "unban": "let back in",
    "delete_line": "delete a line",
    "make_player": "make player",
    "make_moderator": "make moderator",
    "make_cohost": "make co-host",
    "offer_seat": "offer a co-host's seat by a link",
    "offer_screen": "make and end links for a big screen",
    "offer_key": "make and end keys and webhooks for programs",
    "change_room": "change the room and its chat",
    "end_room": "end the room",
    "read_acts": "read the log",
    "run_questions": "ask, lock, settle and void questions",
}
HEAD = """# Who may do what in a room

Made from the code; a test tries every cell. "lower" is: on people of a lower role. The host of a
room cannot be removed, banned or given another role by anybody. Nobody gives a role as high as
their own. In a room of more than 200 people only host, co-hosts and operators see who is a member.
Who is muted, or a player while the chat is off, says nothing. Standings that the host
made public are seen by everybody.

"""


def may(role: str, act: str) -> bool:
    """Whether a role, or somebody from outside, may do an act at all."""
    if role in OUTSIDE or (role == OPERATOR[0] and act in OF_MEMBERS):
        return False
    ranks = {**RANKS, OPERATOR[0]: OPERATOR[1]}
    return ranks[role] >= RANKS[RIGHTS[act]]


def roles() -> list[str]:
    """The columns: from the operator down to those outside."""
    return [OPERATOR[0], *RANKS, *OUTSIDE]


def page() -> str:
    """The page as the code has it."""
    lines = [f"| act | {' | '.join(roles())} |", "|---|" + "---|" * len(roles())]
    for act in RIGHTS:
        yes = "lower" if act in ON_PEOPLE else "yes"
        cells = [yes if may(role, act) else "–" for role in roles()]
        lines.append(f"| {WORDS[act]} | {' | '.join(cells)} |")
    return HEAD + "\n".join(lines) + "\n"


def write() -> None:
    """Write the page."""
    PAGE.write_text(page())
