"""A made-up series of volumes of any size, encoded like *Foreign Relations of the United States*: to measure building.

What is written depends on nothing but the numbers given. A volume depends on no later one, so a longer series begins with
the same volumes as a shorter one. ``short`` documents are of about 110 triples, 16 of them on provenance. ``real`` ones are of
about 460, and as long, and name as many, as those of two volumes of that series (444 triples; half of them have more than
650 words).
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path

_PERSONS, _TERMS = 85, 100  # in the lists of a volume
_CHAPTER = 40  # documents
_SENTENCE = 22  # words
_KINDS = ("Telegram", "Letter", "Memorandum of Conversation", "Editorial Note")
_SETTINGS = """\
inference = "shortcuts"

[[collections]]
name = "series"
language = "en"
"""
_BEGINNING = """\
<?xml version="1.0" encoding="UTF-8"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0" xmlns:frus="http://history.state.gov/frus/ns/1.0" xml:id="{name}">
<teiHeader><fileDesc>
<titleStmt><title type="complete">A Made-up Series, Volume {number}</title></titleStmt>
<publicationStmt><publisher>A Press</publisher><date>1990</date><idno type="series">{name}</idno></publicationStmt>
<sourceDesc><p>Made up to measure with.</p></sourceDesc>
</fileDesc></teiHeader>
<text><front>
<div type="section" xml:id="preface"><head>Preface</head><p>No word of this volume means anything.</p></div>
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How much a document holds.

    Attributes:
        words: The median of its words.
        spread: The standard deviation of their logarithm.
        persons: How many of a hundred sentences begin with a person.
        terms: How many of a hundred sentences begin with an abbreviation.
        others: How many of a hundred sentences end with a note that refers to a document; half as many end with a loss.
        page: How many sentences stand on a page.
        signed: The share of documents with a signature, and of source notes with an abbreviation.
        kinds: How many telegrams and letters, of which it is said who sent them to whom, minutes and notes of editors there
            are in a hundred documents.
    """

    words: int
    spread: float
    persons: int
    terms: int
    others: int
    page: int
    signed: float
    kinds: tuple[int, int, int, int]


SIZES = {
    "short": Size(
        words=30, spread=0.4, persons=10, terms=5, others=1, page=100, signed=0, kinds=(10, 5, 55, 30)
    ),
    "real": Size(
        words=600, spread=0.85, persons=27, terms=18, others=4, page=23, signed=0.5, kinds=(35, 25, 30, 10)
    ),
}


def write_series(
    folder: Path, documents: int, *, size: str = "real", documents_per_volume: int = 230, seed: int = 1
) -> Counter[str]:
    """Write a publication of so many documents, and return what it holds.

    Args:
        folder: Where it is written; made if there is none.
        documents: How many documents.
        size: How long they are: ``short`` or ``real``.
        documents_per_volume: How many of them a volume holds; the last one holds the rest.
        seed: Another number gives another series.

    Returns:
        How many there are of ``volumes``; of ``documents``, and of these ``dated``, ``placed``, ``sent`` by somebody,
        ``addressed`` to somebody and ``sourced``; of ``persons`` and ``terms`` in lists; in the text of ``persName`` and
        ``gloss``, of these ``unresolved`` ones, and of pointers to entries that are ``lost``; of ``notes``, ``pages`` and
        ``attachments``; of losses, ``withheld`` and ``illegible``; of references ``within`` a volume, ``across`` volumes and
        ``out`` of the series.
    """
    data = folder / "data" / "documents"
    data.mkdir(parents=True, exist_ok=True)
    (folder / "fonds.toml").write_text(_SETTINGS, encoding="utf-8")
    language = Language(seed)
    counts: Counter[str] = Counter()
    for number, first in enumerate(range(0, documents, documents_per_volume)):
        here = min(documents_per_volume, documents - first)
        volume = _Volume(number, here, SIZES[size], language, random.Random(f"{seed} {number}"))
        (data / f"{volume.name}.xml").write_text("".join(volume.pieces()), encoding="utf-8")
        counts.update(volume.counts)
    return counts


class Language:
    """Words that are no words, used as often as words are (Zipf), and sentences of them."""

    def __init__(self, seed: int) -> None:
        rng = random.Random(seed)
        syllables = [
            f"{a}{b}{c}" for a in "bdfgklmnprstv" for b in "aeiou" for c in ("", "", "l", "n", "r", "s")
        ]
        self.words = ["".join(rng.choices(syllables, k=rng.choice((1, 1, 2, 2, 2, 3)))) for _ in range(6000)]
        often = list(accumulate(1 / rank for rank in range(1, len(self.words) + 1)))
        self.sentences = [
            " ".join(rng.choices(self.words, cum_weights=often, k=max(5, round(rng.gauss(_SENTENCE, 8)))))
            + "."
            for _ in range(5000)
        ]

    def name(self, rng: random.Random) -> str:
        """Return a name."""
        return f"{rng.choice(self.words)}{rng.choice(self.words)}".capitalize()


class _Volume:
    """A volume while it is written, and what it holds so far."""

    def __init__(
        self, number: int, documents: int, size: Size, language: Language, rng: random.Random
    ) -> None:
        self.number, self.documents, self.size, self.language, self.rng = (
            number,
            documents,
            size,
            language,
            rng,
        )
        self.name = _name(number)
        self.pointer = "ref" if number % 2 else "corresp"
        self.counts = Counter(volumes=1, documents=documents, persons=_PERSONS, terms=_TERMS)
        self.persons = [(language.name(rng), language.name(rng)) for _ in range(_PERSONS)]
        self.terms = [language.name(rng)[:4].upper() for _ in range(_TERMS)]
        self.places = [language.name(rng) for _ in range(12)]
        self.page = self.document = self.note = 0

    def pieces(self) -> Iterator[str]:
        """Yield the file, piece by piece."""
        yield _BEGINNING.format(name=self.name, number=self.number + 1)
        yield from self._list("Persons", "names", [self._listed_person(each) for each in range(_PERSONS)])
        yield from self._list("Abbreviations", "terms", [self._listed_term(each) for each in range(_TERMS)])
        yield f'</front><body><div type="compilation" xml:id="comp1"><head>{self.language.name(self.rng)}</head>\n'
        for first in range(1, self.documents + 1, _CHAPTER):
            yield f'<div type="chapter" xml:id="ch{first // _CHAPTER + 1}"><head>{self.language.name(self.rng)}</head>\n'
            yield from map(self._document, range(first, min(first + _CHAPTER, self.documents + 1)))
            yield "</div>\n"
        yield "</div></body></text></TEI>\n"

    def _list(self, head: str, type_: str, names: list[str]) -> Iterator[str]:
        yield f'<div type="section" xml:id="{type_}"><head>{head}</head><list type="{type_}">\n'
        for name in names:
            yield f'<item><hi rend="strong">{name},</hi> {self.rng.choice(self.language.sentences)}</item>\n'
        yield "</list></div>\n"

    def _listed_person(self, number: int) -> str:
        given, family = self.persons[number]
        return f'<persName xml:id="p_{number}">{family}, {given}</persName>'

    def _listed_term(self, number: int) -> str:
        return f'<term xml:id="t_{number}">{self.terms[number]}</term>'

    # -- a document ---------------------------------------------------------------------------------------------------

    def _document(self, number: int) -> str:
        self.document, self.note = number, 0
        kind = self.rng.choices(_KINDS, self.size.kinds)[0]
        head = f"{number}. {kind}{self._sides(kind)}"
        if kind == "Editorial Note":
            return f"{self._division('')}<head>{head}</head>\n{self._body()}</div>\n"
        day = date(1950, 1, 1) + timedelta(days=self.rng.randrange(9000))
        head += self._source()
        inside = f"{self._dateline(day)}{self._body()}{self._end()}"
        return f"{self._division(str(day))}<head>{head}</head>\n{inside}</div>\n"

    def _division(self, day: str) -> str:
        bounds = f' frus:doc-dateTime-min="{day}T00:00:00-05:00" frus:doc-dateTime-max="{day}T23:59:59-05:00"'
        return f'<div type="document" xml:id="d{self.document}" n="{self.document}"{bounds if day else ""}>\n'

    def _sides(self, kind: str) -> str:
        """Return who sent it to whom, in the words of the heading."""
        if kind not in ("Telegram", "Letter"):
            return ""
        self.counts.update(sent=1, addressed=1)
        if kind == "Letter":
            return f" From {self._person('from')} to {self._person('to')}"
        self.counts.update({"gloss": 2, "unresolved gloss": 2})
        place = self.rng.choice(self.places)
        return f' From the <gloss type="from">Embassy in {place}</gloss> to the <gloss type="to">Department</gloss>'

    def _source(self) -> str:
        self.counts["sourced"] += 1
        group = self._term() if self.rng.random() < self.size.signed else "Box"
        return self._note(f"Source: Archive, {group} {self.rng.randrange(99)}. Secret.", ' type="source"')

    def _dateline(self, day: date) -> str:
        """Return place and day; one day in ten stands in the attributes of the document only."""
        self.counts.update(dated=1, placed=1)
        words = f"{day:%B} {day.day}, {day.year}"
        when = "" if self.rng.random() < 0.1 else f' when="{day}"'
        return f"<dateline><placeName>{self.rng.choice(self.places)}</placeName>, <date{when}>{words}</date></dateline>\n"

    def _body(self) -> str:
        """Return paragraphs of about four sentences, with the beginnings of pages between them."""
        words = self.size.words * math.exp(self.rng.gauss(0, self.size.spread))
        sentences = max(1, round(min(words, 10 * self.size.words) / _SENTENCE))
        written = []
        while sentences > 0:
            here = min(sentences, self.rng.randint(2, 6))
            sentences -= here
            if self.rng.random() < here / self.size.page:
                written.append(self._page())
            written.append(f"<p>{' '.join(self._sentence() for _ in range(here))}</p>\n")
        return "".join(written)

    def _page(self) -> str:
        self.page += 1
        self.counts["pages"] += 1
        return f'<pb n="{self.page}" xml:id="pg_{self.page}" facs="{self.page:04}"/>\n'

    def _end(self) -> str:
        """Return a signature for half of the documents, and for one in fifty an enclosure."""
        chance = self.rng.random()
        signed = f"<closer><signed>{self._person()}</signed></closer>\n" if chance < self.size.signed else ""
        if chance > 0.02:
            return signed
        self.counts["attachments"] += 1
        return (
            f"{signed}<frus:attachment><head>Attachment</head><p>{self._sentence()}</p></frus:attachment>\n"
        )

    # -- what stands in a text ----------------------------------------------------------------------------------------

    def _sentence(self) -> str:
        """Return a sentence that may begin with a name, and end with a note, a reference or a loss."""
        words = self.rng.choice(self.language.sentences)
        chance = 100 * self.rng.random()
        size = self.size
        if chance < size.persons:
            words = f"{self._person()} {words}"
        elif chance < size.persons + size.terms:
            words = f"{self._term()} {words}"
        chance = 100 * self.rng.random()
        if chance < size.others:
            return f"{words}{self._note(f'See {self._reference()}.')}"
        if chance < 1.5 * size.others:
            return f"{words} {self._loss()}"
        return words

    def _person(self, side: str = "") -> str:
        """Return the name of a person of the volume's list; of two hundred, three point to nobody and one to a lost entry."""
        self.counts["persName"] += 1
        role = f' type="{side}"' if side else ""
        chance = self.rng.randrange(200)
        if chance < 4:
            self.counts["unresolved persName"] += 1
            pointer = "" if chance else f' {self.pointer}="{self._lost("p")}"'
            return f"<persName{role}{pointer}>{self.language.name(self.rng)}</persName>"
        number = self.rng.randrange(_PERSONS)
        return f'<persName{role} {self.pointer}="#p_{number}">{self.persons[number][1]}</persName>'

    def _term(self) -> str:
        """Return an abbreviation of the volume's list; one of two hundred points to a lost entry."""
        self.counts["gloss"] += 1
        number = self.rng.randrange(_TERMS)
        if self.rng.randrange(200):
            return f'<gloss target="#t_{number}">{self.terms[number]}</gloss>'
        self.counts["unresolved gloss"] += 1
        return f'<gloss target="{self._lost("t")}">{self.terms[number]}</gloss>'

    def _lost(self, kind: str) -> str:
        self.counts["lost"] += 1
        return f"#{kind}_lost{self.rng.randrange(9)}"

    def _note(self, words: str, attributes: str = "") -> str:
        self.note += 1
        self.counts["notes"] += 1
        return f'<note n="{self.note}" xml:id="d{self.document}fn{self.note}"{attributes}>{words}</note>'

    def _reference(self) -> str:
        """Return a reference to a document of this volume, of an earlier one, or of one that there is not."""
        where = self.rng.randrange(4)
        document = self.rng.randint(1, self.documents)
        if where == 0:
            self.counts["out"] += 1
            return f'<ref target="other-v{document:04}#d{document}">another series</ref>'
        if where == 1 and self.number:
            self.counts["across"] += 1
            earlier = _name(self.rng.randrange(self.number))
            return f'<ref target="{earlier}#d{document}"><hi rend="italic">{earlier}</hi>, Document {document}</ref>'
        self.counts["within"] += 1
        return f'<ref target="#d{document}">Document {document}</ref>'

    def _loss(self) -> str:
        if self.rng.randrange(4):
            self.counts["withheld"] += 1
            return f'[<hi rend="italic">{self.rng.randint(2, 9)} lines not declassified</hi>]'
        self.counts["illegible"] += 1
        return '<gap reason="illegible" unit="words" quantity="2"/>'


def _name(number: int) -> str:
    """Return the name of a volume by its number, from 0."""
    return f"series-v{number + 1:04}"
