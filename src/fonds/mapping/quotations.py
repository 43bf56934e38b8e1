"""Quoted words, with their own rights and no licence of ours (graph ``record/{key}/text``)."""

from __future__ import annotations

from collections.abc import Mapping

from fonds.mapping.common import Context
from fonds.mapping.crm import bearer_of_words, is_published_name
from fonds.mapping.description import GraphBuilder
from fonds.model import Block, Mention, Record
from fonds.quotation import quotable, quoted, summarised
from fonds.vocabulary import CRM, DCTERMS, FV, text


def add_quotations(graph: GraphBuilder, record: Record, context: Context) -> None:
    """State the words that may be published: paragraphs, notes, abstract, citation, and longer forms of mentions."""
    graph.add(graph.name, (DCTERMS.rights, text(record.rights or context.rights, "en")))
    bearer = bearer_of_words(record, context)
    allowed = quotable(record)
    notes = {note.name for note in record.text.notes}
    for block in record.text.blocks:
        words = block.text[: allowed[block.name]]
        if words and block.name not in notes:
            graph.add(
                context.iris.record(record.key, block.name), (CRM.P190_has_symbolic_content, text(words))
            )
    for note in record.text.notes:
        words = quoted(record, note.words) or ""
        if words:
            graph.add(
                context.iris.record(record.key, note.name), (CRM.P190_has_symbolic_content, text(words))
            )
    for mention in _quoted_mentions(record, allowed):
        graph.add(context.iris.record(record.key, mention.name), (FV.form, text(mention.form)))
    for predicate, phrase in (
        (DCTERMS.abstract, record.abstract),
        (DCTERMS.bibliographicCitation, record.citation),
    ):
        if phrase and summarised(record, phrase.text):
            graph.add(bearer, (predicate, text(phrase.text, phrase.language)))
    for remark in record.remarks:
        if summarised(record, remark.text):
            it = context.iris.record(record.key)
            graph.add(it, (CRM.P3_has_note, text(remark.text, remark.language)))


def _quoted_mentions(record: Record, allowed: Mapping[str, int]) -> list[Mention]:
    """Return the mentions whose form is a quotation and stands within the published words."""
    blocks = {block.name: block for block in record.text.blocks}
    return [
        each
        for each in record.text.mentions
        if each.form
        and not is_published_name(record, each)
        and _within(each, blocks.get(each.block), allowed)
    ]


def _within(mention: Mention, block: Block | None, allowed: Mapping[str, int]) -> bool:
    if block is None or block.span is None:
        return False
    return mention.span.end - block.span.start <= allowed[block.name]
