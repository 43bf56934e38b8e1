"""Opens what a release states of each thing."""

from __future__ import annotations

from fonds.descriptions import Descriptions
from fonds.identifiers import IriSpace
from fonds.release.folder import Release
from fonds.vocabulary import CRM, DCTERMS

PART_OF = frozenset(str(each).encode() for each in (CRM.P46i_forms_part_of, DCTERMS.isPartOf))
"""The properties by which a thing says of what it is a part, as N-Triples write them."""


def descriptions_of(release: Release) -> Descriptions:
    """Return what a release states of each thing, open; whoever asks closes it.

    Raises:
        ReleaseError: A file is missing or damaged.
    """
    manifest = release.manifest
    iris = IriSpace(manifest.base) if manifest.kind == "publication" else None
    packs = (release.descriptions, release.names, release.dataset)
    return Descriptions(*packs, iris, graphs=manifest.counts.graphs)
