"""Pieces of lists: everything once, in order, none too long."""

from web.rows.chunks import chunks


def test_it_hands_out_everything_once_in_order():
    assert list(chunks(range(7), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(chunks("abcd", 2)) == [["a", "b"], ["c", "d"]]
    assert list(chunks([], 3)) == []
