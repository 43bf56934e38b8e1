"""Merging: whatever named the one names the other, and each source's names stay its own."""

from __future__ import annotations

from fonds.dates import parse_edtf
from fonds.model import (
    Authority,
    Block,
    BlockKind,
    Dated,
    DocumentedEvent,
    Inline,
    Mark,
    Mention,
    Origin,
    Participation,
    Phrase,
    Record,
    Reference,
    Span,
    Text,
)
from fonds.reconciliation.merging import merge_authorities, renamed, with_merged

A, B, C = (Reference("person", key) for key in "abc")
HERE, THERE = Reference("place", "here"), Reference("place", "there")
BECOMES = {B: A, THERE: HERE}


def record() -> Record:
    inline = Inline(
        mark=Mark.MENTION, content=("old ", Inline(mark=Mark.EMPHASIS, content=("B",))), id="m1", target=B
    )
    return Record(
        key="r",
        title=Phrase("R"),
        label=Phrase("R"),
        fulltext="full",
        creators=(A, B, C),
        created=Dated(name="ts-doc", date=parse_edtf("1901"), form="1901"),
        documents=(
            DocumentedEvent(
                event=Reference("event", "e"),
                where=THERE,
                participants=(
                    Participation(actor=A, roles=("sender",)),
                    Participation(actor=C),
                    Participation(actor=B, roles=("witness", "sender")),
                ),
            ),
        ),
        text=Text(
            language="en",
            blocks=(Block(name="p1", kind=BlockKind.PARAGRAPH, content=(inline,), ordinal=1, span=Span(0, 5)),),
            mentions=(Mention(name="m1", target=B, form="old B", block="p1", span=Span(0, 5)),),
        ),
    )  # fmt: skip


def test_every_place_of_a_record_names_what_stays_and_the_words_are_as_they_were() -> None:
    merged = with_merged(record(), BECOMES)
    assert not set(merged.references()) & set(BECOMES)
    assert merged.creators == (A, C)
    assert merged.documents[0].participants == (
        Participation(actor=A, roles=("sender", "witness")),
        Participation(actor=C),
    )
    assert merged.documents[0].where == HERE
    block = merged.text.blocks[0]
    assert isinstance(block.content[0], Inline)
    assert block.content[0].target == A
    assert block.text == record().text.blocks[0].text
    assert (merged.text.mentions[0].target, merged.text.mentions[0].form) == (A, "old B")


def test_what_names_nothing_that_changed_is_the_same_object() -> None:
    untouched = record()
    assert with_merged(untouched, {Reference("person", "z"): A}) is untouched
    assert renamed(untouched, {Reference("person", "z"): A}) is untouched


def test_what_stays_keeps_each_source_s_names_apart() -> None:
    one = Authority(reference=A, labels=(Phrase("Anna"),), origin=Origin("persons.csv", 2))
    other = Authority(reference=B, labels=(Phrase("Anne"),), origin=Origin("volume.xml", 7))
    house = Authority(reference=Reference("work", "w"), labels=(Phrase("W"),), creators=(B, A))
    merged = merge_authorities({A: one, B: other, house.reference: house}, BECOMES)
    assert list(merged) == [A, house.reference]
    assert merged[A].labels == one.labels
    assert merged[A].merged == (other,)
    assert merged[A].merged[0].reference == B
    assert merged[house.reference].creators == (A,)


def test_what_is_not_listed_leaves_what_would_become_it() -> None:
    other = Authority(reference=B, labels=(Phrase("Anne"),))
    assert merge_authorities({B: other}, BECOMES) == {B: other}


def test_only_lists_of_things_lose_repeats() -> None:
    assert renamed((B, A), BECOMES) == (A,)
    assert renamed(((B, "P1", A), (B, "P2", A)), BECOMES) == ((A, "P1", A), (A, "P2", A))
    assert renamed(("x", "x"), BECOMES) == ("x", "x")
