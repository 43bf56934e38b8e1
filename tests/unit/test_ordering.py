"""The order of names in lists."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fonds.ordering import in_bytes, natural

NAMES = st.lists(
    st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("0123456789 ab"), max_size=12)
)


@given(NAMES)
def test_bytes_are_in_the_order_of_the_keys_they_are_made_from(names: list[str]) -> None:
    # Control characters count as one.
    names = [name for name in names if name.isprintable()]
    by_key = sorted(names, key=natural)
    by_bytes = sorted(names, key=lambda name: in_bytes(natural(name)))
    assert list(map(natural, by_bytes)) == list(map(natural, by_key))


@given(st.text(max_size=30))
def test_no_byte_of_a_key_ends_a_line_or_a_part_of_one(name: str) -> None:
    assert not set(in_bytes(natural(name))) & {0, 1, 10}
