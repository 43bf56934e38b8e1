"""Names of people and groups as citations need them: whole, and in parts where the authority states them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fonds.reconciliation.names import read_name

_GENERATION = re.compile(r"(?:Jr|Sr|jun|sen|II|III|IV)\.?")


@dataclass(frozen=True, slots=True)
class Name:
    """What somebody is called.

    Attributes:
        text: As the record or the authority has it.
        family: The family name; empty where nothing says which part it is.
        given: The other names.
        suffix: ``Jr.``
    """

    text: str
    family: str = ""
    given: str = ""
    suffix: str = ""

    @property
    def running(self) -> str:
        """The name as it stands in a sentence."""
        return " ".join(each for each in (self.given, self.family, self.suffix) if each) or self.text

    @property
    def short(self) -> str:
        """The family name, or the whole where that is not known."""
        return self.family or self.text

    @property
    def inverted(self) -> str:
        """The family name first, or the whole where that is not known."""
        return ", ".join(each for each in (self.family, self.given, self.suffix) if each) or self.text


def name_of(label: str, others: Iterable[str] = (), *, person: bool) -> Name:
    """Return a name with the parts that its authority states.

    They are stated by the comma of “Family, Given”, the form of registers: in the preferred name, or in another form of it that
    has the same words. What stands behind a comma and is a rank, or follows in another way, is no given name.

    >>> name_of("O. T. Darusenkov", ["O. Darusenkov", "Darusenkov, O. T."], person=True).family
    'Darusenkov'
    >>> name_of("Thompson, Llewellyn E., Jr.", person=True).running
    'Llewellyn E. Thompson Jr.'
    >>> name_of("Souvanna Phouma, Prince", person=True).family, name_of("Gary Goldberg", person=True).family
    ('', '')

    Args:
        label: The name that the authority prefers.
        others: Its other forms.
        person: Whether it is known to be a person's.
    """
    if not person:
        return Name(label)
    for form in (label, *sorted(others)):
        parts = _parts(form)
        if parts is not None and (form == label or Name("", *parts).running == label):
            return Name(label, *parts)
    return Name(label)


def _parts(form: str) -> Sequence[str] | None:
    family, *more = (each.strip() for each in form.split(","))
    suffix = more.pop() if len(more) == 2 and _GENERATION.fullmatch(more[1]) else ""
    if len(more) != 1 or not family or not more[0] or _GENERATION.fullmatch(more[0]):
        return None
    read = read_name(f"{family}, {more[0]}")
    # A rank is left out in reading, and nothing is left behind the comma of “Elizabeth II, Queen”.
    return (family, more[0], suffix) if read.surname and not any(map(str.isdigit, form)) else None


def joined(names: Sequence[str]) -> str:
    """Return names as one list in words.

    >>> joined(["A"]), joined(["A", "B"]), joined(["A", "B", "C"])
    ('A', 'A and B', 'A, B, and C')
    """
    if len(names) < 3:
        return " and ".join(names)
    return f"{', '.join(names[:-1])}, and {names[-1]}"
