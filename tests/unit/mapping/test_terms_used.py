"""Every type and role that the mapping itself writes is defined by the program, so that no publication has to."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from fonds.vocabulary import program_ontology

MAPPING = Path(__file__).parents[3] / "src/fonds/mapping"
USE = re.compile(r'context\.(type|role)\("([a-z0-9-]+)"\)')


def test_every_term_that_the_mapping_writes_is_one_of_the_program() -> None:
    with (program_ontology() / "terms.csv").open(encoding="utf-8", newline="") as file:
        defined = {(row["scheme"], row["key"]) for row in csv.DictReader(file)}
    used = {match for path in MAPPING.glob("*.py") for match in USE.findall(path.read_text("utf-8"))}
    assert len(used) > 10
    assert used <= defined
