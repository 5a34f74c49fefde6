"""Keys of an evening's room."""

from tests.evenings import Evening


async def key(evening: Evening, *rights: str) -> tuple[int, str]:
    """A key of the evening's room: its number and its text."""
    path = f"rooms/{evening.room.code}/keys/"
    offer = await evening.host.call("POST", path, {"name": "A program", "rights": list(rights)})
    return offer["id"], offer["key"]
