"""What waits for one reader: bounded, and of a slot the newest alone."""

from accounts.sockets.outbox import OTHERS_MAX, Outbox


def test_it_keeps_only_the_newest_frame_of_a_slot():
    outbox = Outbox()
    for number in range(1000):
        outbox.put(f"pools {number}", slot="pools:1")
    outbox.put("chat")
    assert [outbox.take(), outbox.take()] == ["pools 999", "chat"]
    assert not outbox.is_ready


def test_it_is_full_of_what_has_no_slot():
    outbox = Outbox()
    for number in range(OTHERS_MAX):
        assert not outbox.is_full
        outbox.put(str(number))
        outbox.put("figures", slot=number)
    assert outbox.is_full
    outbox.take()
    assert not outbox.is_full


def test_it_sends_the_welcome_before_what_came_while_it_was_made():
    outbox = Outbox()
    outbox.is_held = True
    outbox.put("chat")
    assert not outbox.is_ready
    outbox.release("welcome")
    assert [outbox.take(), outbox.take()] == ["welcome", "chat"]
