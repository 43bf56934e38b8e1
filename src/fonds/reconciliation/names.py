"""Names as people write them, brought into forms that can be compared: without accents, ranks, order and spelling."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
    "і": "i", "ї": "i", "є": "ye", "ґ": "g", "ў": "u", "ђ": "dj", "ј": "j", "љ": "lj", "њ": "nj", "ћ": "ch", "џ": "dzh",
}  # fmt: skip
_LETTERS = str.maketrans(
    {**_CYRILLIC, "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i",
     "'": "", "’": "", "ʼ": "", "ʹ": "", "`": "", "´": ""}
)  # fmt: skip
_HOOKED = str.maketrans(
    {"š": "sh", "č": "ch", "ž": "zh", "ś": "sh", "ć": "ch", "ż": "zh", "ş": "sh", "ç": "ch"}
)
_UMLAUTS = re.compile(r"(?<=[ao])e|(?<=u)(?<![gq]u)e")
_WORD = re.compile(r"[^\W_]+")
_IN_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")

_RANK_WORDS = (
    "prince princess king queen count countess earl duke duchess baron baroness lord lady sir dame viscount marquis marquess"
    " markgraf markgrafin margrave landgraf landgrafin burggraf burggrafin reichsgraf reichsgrafin kurfurst kurfurstin freiin"
    " emperor empress kaiser kaiserin tsar tsarina zar zarin erzherzog erzherzogin archduke archduchess"
    " graf graefin grafin freiherr freifrau fuerst furst fuerstin furstin herzog herzogin koenig konig ritter edler"
    " dr prof professor doctor doktor general marshal marschall admiral colonel oberst captain major lieutenant leutnant"
    " hauptmann comrade genosse genossin tovarishch tov mr mrs ms miss herr frau fraulein fraeulein monsieur madame"
    " mademoiselle mme mlle senor senora don dona rev reverend bishop pastor father president premier minister ambassador"
    " senator chancellor secretary kanzler botschafter kniaz gospodin gospozha comte comtesse hon"
)
_RANKS = frozenset(_RANK_WORDS.split())
_PARTICLE_WORDS = (
    "von van vom zu zum zur den der de del della dello dei degli du des da dos das di la le les el al ul ter ten af av"
    " y e i und of the d"
)
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_GENERATIONS = {
    "jr": "the younger", "junior": "the younger", "jun": "the younger", "fils": "the younger", "mladshiy": "the younger",
    "sr": "the elder", "senior": "the elder", "sen": "the elder", "pere": "the elder", "starshiy": "the elder",
    "ii": "the second", "iii": "the third", "iv": "the fourth",
}  # fmt: skip
_GENERATION_WORDS = (
    (re.compile(r"\b(?:der|die|d\.)\s*(?:jüngere|jgr\.|j\.)|\bthe younger\b|\bel joven\b|\ble jeune\b", re.IGNORECASE),
     "the younger"),
    (re.compile(r"\b(?:der|die|d\.)\s*(?:ältere|ä\.)|\bthe elder\b|\bel viejo\b|\bl['’]ancien\b", re.IGNORECASE),
     "the elder"),
)  # fmt: skip
_AT_BIRTH = re.compile(
    r"[,;]?\s*\b(?:geb(?:\.|orene?r?)|née?|born|урожд(?:\.|[её]нная)|nacida|nata|ur\.)\s+(?=[^\W\d_])(?P<name>[^,;()]+)",
    re.IGNORECASE,
)
_LIFE = re.compile(
    r"[,(\[]?\s*(?:ca?\.|um|about|c\.)?\s*\b(?P<born>[12]\d{3})\s*[?~]?\s*[-–—/]\s*"
    r"(?:ca?\.|um|about|c\.)?\s*(?P<died>[12]\d{3})?\s*[?~]?\s*[)\]]?\s*$"
)
_BORN = re.compile(
    r"(?:(?:\*|\b(?:geb|geboren|born|род|родил\w*|né|née|nac|nacido|nacida)\b\.?)[^;,()]{0,28}?|\bb\.\s*)"
    r"\b(?P<year>[12]\d{3})\b",
    re.IGNORECASE,
)
_DIED = re.compile(
    r"(?:(?:†|\b(?:gest|gestorben|died|ум|умер\w*|mort|morte|murió|fallecido)\b\.?)[^;,()]{0,28}?|\bd\.\s*)"
    r"\b(?P<year>[12]\d{3})\b",
    re.IGNORECASE,
)

# Ways of writing Slavic and other sounds in Latin letters, the longest first. All hissing and rough sounds are one: the English
# “kh” is the German “ch” and the Spanish “j”, but the English “ch” is another sound, and nothing in a name says whose it is.
_SOUNDS = re.compile(
    r"(?P<X>schtsch|dsch|shtch|stsch|chtch|shch|szcz|tsch|stch|tch|sch|cht(?=ch)|kh|ch|sh|zh|sz|cz|zs|dzh|^h|^x|j(?=[bcdfgklmnprstvwz])"
    r"|^j(?=[aou]))"
    r"|(?P<S>tz|ts|z|c(?=[eiy])|s)|(?P<V>ph|v|w|f)|(?P<KS>x)|(?P<K>ck|c|k|q)|(?P<T>th|dt|t)|(?P<G>gh|gu(?=[ei])|g)"
    r"|(?P<same>[bdlmnpr])|(?P<none>.)",
)  # fmt: skip
_FRENCH_G = re.compile("gu(?=[ei])")
_GLIDES = re.compile("(?<=[aeiou])i|i(?=[aeou])")
_FIRST_LETTERS = str.maketrans("yjecqwfz", "iiikkvvs")


Reading = tuple[tuple[int, ...], tuple[int, ...]]
"""Which words of a name are the family name, and which are not, by their places."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name in comparable form.

    Attributes:
        text: As it is written.
        words: Its words in their order, in plain letters; ranks, particles and marks of a generation left out.
        sounds: Of each word, how it may sound, whoever wrote it down.
        surname: How many of the first words are the family name, where a comma says so; else 0.
        generation: ``the younger``, ``the elder`` …; empty where nothing is said.
        qualifier: What stands in brackets behind it, in plain letters: a country, an abbreviation.
        born: The year, where the name gives it.
        died: The year, where the name gives it.
        key: The words, sorted: the same for every order in which a name can be written.
        readings: The ways to read it as family name and other names.
    """

    text: str
    words: tuple[str, ...]
    sounds: tuple[frozenset[str], ...]
    surname: int = 0
    generation: str = ""
    qualifier: str = ""
    born: int | None = None
    died: int | None = None
    key: str = field(init=False)
    readings: tuple[Reading, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Prepare what every comparison needs."""
        object.__setattr__(self, "key", " ".join(sorted(self.words)))
        object.__setattr__(self, "readings", tuple(self._readings()))

    @property
    def whole_words(self) -> int:
        """How many of its words are more than an initial."""
        return sum(len(word) > 1 for word in self.words)

    def _readings(self) -> Iterator[Reading]:
        places = tuple(range(len(self.words)))
        if self.surname:
            yield places[: self.surname], places[self.surname :]
            return
        last_is_initial = bool(self.words) and len(self.words[-1]) == 1
        if self.words and not last_is_initial:
            yield places[-1:], places[:-1]
        if len(places) > 1 and len(self.words[0]) > 1:
            yield places[:1], places[1:]
        elif last_is_initial:
            yield places, ()


@functools.lru_cache(maxsize=65536)
def plain_letters(text: str) -> str:
    """Return a text in lower case and Latin letters without accents; Cyrillic is transliterated, other scripts stay.

    >>> plain_letters("Хрущёв"), plain_letters("Müller"), plain_letters("O’Neill")
    ('khrushchev', 'muller', 'oneill')
    """
    return _stripped(unicodedata.normalize("NFC", text).casefold().translate(_LETTERS))


def _stripped(text: str) -> str:
    parted = unicodedata.normalize("NFKD", text).translate(_LETTERS)
    return "".join(each for each in parted if not unicodedata.combining(each))


def words_in(text: str) -> list[str]:
    """Return the words of a text in plain letters; an umlaut and its spelling with *e* are one.

    >>> words_in("Mueller, K.E."), words_in("Müller")
    (['muller', 'k', 'e'], ['muller'])
    """
    return [_word(each) for each in _written(text)]


def _written(text: str) -> list[str]:
    """Return the words of a text as they are written, without those of which no plain letter is left: a lone hard sign."""
    return [each for each in _WORD.findall(_joined(text)) if _word(each)]


def _word(word: str) -> str:
    plain = plain_letters(word)
    return _UMLAUTS.sub("", plain) if "e" in plain[1:] else plain


@functools.lru_cache(maxsize=65536)
def sounds_of(word: str) -> frozenset[str]:
    """Return how a word may sound: its consonants, in classes that hold for all ways to transliterate Cyrillic.

    >>> set.intersection(*(set(sounds_of(each)) for each in ("Khrushchev", "Chruschtschow", "Jruschov", "Хрущёв")))
    {'XRXV'}
    """
    lower = unicodedata.normalize("NFC", word).casefold()
    plain = plain_letters(lower)
    heard = {_sound(plain), _sound(plain_letters(lower.translate(_HOOKED)))}
    if plain[:1] == "j":
        heard.add(
            _sound(plain[1:])
        )  # The German Juri is the English Yuri, the French Joukov the English Zhukov.
    return frozenset(heard)


@functools.lru_cache(maxsize=65536)
def vowels_of(word: str) -> str:
    """Return the vowels of a word in plain letters as all transliterations have them; *e* and *o* are one, as for *ё*.

    >>> vowels_of("khrushchev") == vowels_of("chruschtschow"), vowels_of("mikoyan") == vowels_of("mikojan")
    (True, True)
    """
    plain = _FRENCH_G.sub("g", word).replace("ou", "u").replace("y", "i").replace("j", "")
    joined = _GLIDES.sub("", plain)
    return "".join(each for each in joined.replace("o", "e") if each in "aeiu")


def _sound(word: str) -> str:
    heard: list[str] = []
    for match in _SOUNDS.finditer(word):
        group = match.lastgroup or "none"
        if group == "none":
            code = match[0] if not heard and not match[0].isascii() else ""
        else:
            code = match[0].upper() if group == "same" else group
        if code and (not heard or heard[-1] != code):
            heard.append(code)
    return "".join(heard) or word[:1]


def initial_of(word: str) -> str:
    """Return the class of a word's first letter: one for those that stand for each other in transliterations.

    >>> initial_of("yuri"), initial_of("juri"), initial_of("iouri")
    ('i', 'i', 'i')
    """
    return word[:1].translate(_FIRST_LETTERS)


def read_name(text: str) -> Name:
    """Read a name: “Surname, Forename”, “Forename Surname”, with ranks, particles, years and what stands in brackets.

    >>> read_name("Khrushchev, Nikita S. (1894–1971)").born
    1894
    >>> read_name("Souvanna Phouma, Prince").words
    ('souvanna', 'phouma')
    """
    rest, born, died = _without_life(text)
    rest = _DIED.sub(" ", _BORN.sub(" ", _AT_BIRTH.sub("", rest)))
    generation, rest = _without_generation(rest)
    brackets = [each for each in _IN_BRACKETS.findall(rest) if each.strip()]
    qualifier = " ".join(words_in(" ".join(brackets)))
    rest = _IN_BRACKETS.sub(" ", rest).strip(" ,;")
    before, comma, after = rest.partition(",")
    first, more = _written(before), _written(after.replace(",", " "))
    generation = next((found for each in (*first[1:], *more) if (found := _generation(each))), generation)
    first = _significant(first, family=bool(comma))
    more = [each for each in more if not (_is_rank(each) or _generation(each) or _is_particle(each))]
    chosen = [*first, *more]
    return Name(
        text=text,
        words=tuple(_word(each) for each in chosen),
        sounds=tuple(sounds_of(each) for each in chosen),
        surname=len(first) if comma and more else 0,
        generation=generation,
        qualifier=qualifier,
        born=born,
        died=died,
    )


def names_in(text: str) -> Iterator[Name]:
    """Yield a name and, where it says how somebody was called at birth, the name with that.

    >>> [name.words for name in names_in("Holm, Ida, geb. Weiss")]
    [('holm', 'ida'), ('weiss', 'ida')]
    """
    name = read_name(text)
    if name.words:
        yield name
    birth = _AT_BIRTH.search(text)
    if birth and name.words:
        given = text[: birth.start()].partition(",")[2] or " ".join(text[: birth.start()].split()[:-1])
        yield read_name(f"{birth['name'].strip()}, {given.strip()}")


def life_in(text: str) -> tuple[int | None, int | None]:
    """Return the years of birth and death that words say in so many words: “born 1894”, “† 1971”.

    >>> life_in("Minister, geb. 12. März 1894, gest. 1971")
    (1894, 1971)
    """
    born, died = _BORN.search(text), _DIED.search(text)
    return int(born["year"]) if born else None, int(died["year"]) if died else None


def _without_life(text: str) -> tuple[str, int | None, int | None]:
    span = _LIFE.search(text)
    if span:
        born, died = int(span["born"]), int(span["died"]) if span["died"] else None
        # Nobody's life: the years of an office, or of a firm.
        if died is None or 0 <= died - born <= 120:
            return text[: span.start()], born, died
    born_in, died_in = life_in(text)
    return text, born_in, died_in


def _without_generation(text: str) -> tuple[str, str]:
    for pattern, meaning in _GENERATION_WORDS:
        if pattern.search(text):
            return meaning, pattern.sub(" ", text)
    return "", text


def _joined(text: str) -> str:
    return re.sub("['’ʼʹ`´]", "", text)


def _generation(word: str) -> str:
    return _GENERATIONS.get(plain_letters(word), "")


def _is_rank(word: str) -> bool:
    return plain_letters(word) in _RANKS


def _is_particle(word: str) -> bool:
    # A capital letter alone is an initial: “Davis, Richard D.”
    return plain_letters(word) in _PARTICLES and not (len(word) == 1 and word.isupper())


def _significant(words: list[str], *, family: bool) -> list[str]:
    """Return the words before the comma, or of a name without one, that name somebody; never none."""
    kept = words
    while len(kept) > 1 and _is_rank(kept[0]):
        kept = kept[1:]
    kept = [each for each in kept if not _is_particle(each)] or kept
    if not family or len(kept) > 1:
        kept = [each for at, each in enumerate(kept) if at == 0 or not _generation(each)]
    return kept or words
