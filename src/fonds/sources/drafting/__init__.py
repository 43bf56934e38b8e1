"""A draft of an edition from a saved page: what was recognised becomes TEI, every doubt a comment for a person."""

from __future__ import annotations

from fonds.sources.drafting.draft import Draft, Source, draft_edition

__all__ = ["Draft", "Source", "draft_edition"]
