"""Words across three scripts: cleaning, folding for search, sound keys for names, words for enums. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Self


def N_(text: str) -> str:  # noqa: N802 - the catalogue's extractor knows this name
    """Mark an English sentence for the catalogue; it is translated where a page shows it."""
    return text


class Worded(StrEnum):
    """An enum whose members carry the msgid that a screen shows: `FEMALE = "FEMALE", N_("female")`."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        """Keep the stored value as the string and the words beside it."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


@dataclass(frozen=True)
class Remark:
    """Something that a desk is told or asked and that refuses nothing: a msgid, and what fills it."""

    code: str
    message: str
    values: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return self.message % self.values


# What is taken from typed text: direction marks, zero-width spaces, the byte order mark. The joiners of Persian and
# Kurdish spelling (U+200C, U+200D) stay.
_MARKS = "\u200b\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_UNSEEN = str.maketrans("", "", _MARKS)
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")


def initials(name: str) -> str:
    """Return the first letters of a name's last two words, past an Arabic article: "MK" of Meryem Kaya."""
    return "".join((word.removeprefix("ال") or word)[0] for word in name.split()[-2:])


def clean(text: str) -> str:
    """Return `text` as one line in NFC, without control or direction marks, trimmed, single spaces."""
    return " ".join(_bare(text).split())


def clean_lines(text: str) -> str:
    """Return `text` cleaned line by line, without blank lines at either end."""
    lines = re.split(r"\r\n|[\n\r\u2028\u2029]", text)
    return "\n".join(clean(line) for line in lines).strip("\n")


def _bare(text: str) -> str:
    """Return `text` in NFC with white space as it is and what cannot be seen taken out."""
    seen = "".join(
        letter
        for letter in text.translate(_UNSEEN)
        if letter.isspace() or unicodedata.category(letter) not in {"Cc", "Cs"}
    )
    return unicodedata.normalize("NFC", seen)


def fold_digits(text: str) -> str:
    """Return `text` with Arabic-Indic and Persian digits as 0-9, and nothing else changed."""
    return text.translate(_DIGITS)


# Turkish i's go first: lower() would make two code points of İ and keep ı apart from i. Apostrophes go before they
# are decomposed into a space and a mark.
_FIRST = str.maketrans(
    dict.fromkeys("İIı", "i") | dict.fromkeys("'’‘ʼʿʾ`´", "") | dict.fromkeys("-‐‑–—", " ") | dict.fromkeys(_MARKS, "")
)
_LETTERS = str.maketrans(
    dict.fromkeys("ىیېێۍ", "ي")
    | dict.fromkeys("ۆۇۋۊ", "و")
    | dict.fromkeys("کڪ", "ك")
    | dict.fromkeys("ةەہھ", "ه")
    | dict.fromkeys("ٱ", "ا")
    | dict.fromkeys("ءـʼ", "")
    | {"đ": "d", "ł": "l", "ø": "o"}
)


def fold(text: str) -> str:
    """Return the form in which texts are compared and searched: letters without case, accent, dot or seat.

    Turkish dotted and dotless i are one letter; alef, ya, ta marbuta and hamza lose their forms; harakat, tatweel and
    apostrophes go; hyphens part words; digits are 0-9. For comparing only, never for showing.
    """
    letters = _without_marks(text.translate(_FIRST)).casefold()
    return clean(fold_digits(_without_marks(letters).translate(_LETTERS)))


def _without_marks(text: str) -> str:
    """Return `text` decomposed, without the marks above and below letters: accents, harakat, hamza seats."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if unicodedata.category(letter) != "Mn")


# Sounds of names. Arabic writes few vowels, Turkish and Latin spellings each write them in their own way, so a code
# keeps the consonants, with a mark for a vowel at either end. A name is coded twice, because some letters stand for two
# sounds: once as spelt (ş as sh, ض as d), once as people type or say it (ş as s, ض as z). Two names may be one where
# they share a code. That makes candidates and no more: a person decides.

_PARTICLES = frozenset({"al", "el", "il", "ul", "ال", "ibn", "bin", "ben", "bn", "bint", "ابن", "بن", "بنت"})
_SUN_ARTICLE = re.compile("[aeu](sh|[dnrstz])")
_JOINS_NEXT = re.compile("abd|abd[aeiou](?:sh|[dlnrstz])|عبد|ab(?:u|ou|o)|ebu|ابو|ابي")
_JOINS_LAST = {
    **dict.fromkeys(("din", "deen", "eldin", "aldin", "eldeen", "aldeen", "eddin", "addin", "uddin", "ettin"), "din"),
    **dict.fromkeys(("allah", "ullah"), "lah"),
    "الدين": "دين",
    "الله": "له",
}
_ARABIC_ARTICLE = re.compile("(?:(?<=^عبد)|^)ال(?=...)")
_LATIN_ARTICLE = re.compile("^[ae]l(?=[a-z]{3})")
# Names that begin like an article.
_NO_ARTICLE = frozenset({"الياس", "الهام", "الاء", "الين", "الماس", "الفت"})
# Letters that folding would lose and a sound needs, held meanwhile by letters that no name is written with.
_HELD = str.maketrans({"ş": "ʃ", "Ş": "ʃ", "ç": "ʧ", "Ç": "ʧ", "ى": "ɑ", "ة": "ɐ"})
_RELEASED = str.maketrans({"ʃ": "s", "ʧ": "c", "ɑ": "ي", "ɐ": "ه"})


@dataclass(frozen=True)
class NameWord:
    """One word of a name: folded for comparing, and its sound codes of at most 24 letters."""

    folded: str
    codes: frozenset[str]


@lru_cache(maxsize=20_000)
def name_words(name: str) -> tuple[NameWord, ...]:
    """Return the words of `name` in order, articles and "son of" dropped, compounds joined into one word.

    عبد الرحمن and Abdul Rahman become one word each, as do نور الدين and Abu Bakr.
    """
    held = fold(unicodedata.normalize("NFKC", name).translate(_HELD))
    words = [(word.translate(_RELEASED), word) for word in re.findall(r"[^\W_]+", held)]
    joined: list[str] = []
    joining = ""
    for (word, written), (following, _) in zip(words, (*words, ("", ""))[1:], strict=True):
        if word in _JOINS_LAST and (joining or joined):
            joined.append((joining or joined.pop()) + _JOINS_LAST[word])
            joining = ""
        elif following and _JOINS_NEXT.fullmatch(word):
            joining += written
        elif not _is_particle(word, following):
            joined.append(joining + _without_article(written))
            joining = ""
    return tuple(NameWord(word.translate(_RELEASED), _codes(word)) for word in (*joined, joining) if word)


def name_tokens(name: str) -> tuple[str, ...]:
    """Return the folded words of `name`, in order, as `name_words` parts them."""
    return tuple(word.folded for word in name_words(name))


def name_codes(name: str) -> frozenset[str]:
    """Return the sound codes of every word of `name`, in any script.

    Found by these, two spellings of one name share a code: محمد, Mohammed and Mehmet; خالد, Khaled and Halit.
    """
    return frozenset(code for word in name_words(name) for code in word.codes)


def _is_particle(word: str, following: str) -> bool:
    """Tell whether `word` is an article or "son of", also where the article's l became the next letter: as-Sayed."""
    sun = _SUN_ARTICLE.fullmatch(word)
    return word in _PARTICLES or (sun is not None and following.startswith(sun[1]))


def _without_article(word: str) -> str:
    """Return an Arabic `word` without its article."""
    return word if word in _NO_ARTICLE else _ARABIC_ARTICLE.sub("", word)


@dataclass(frozen=True)
class _Reading:
    """One way to read letters and pairs.

    In `sounds` a capital is a consonant, `a` and `i` are vowels, `-` is not heard; `endings` are an h that is no more
    than the a before it.
    """

    endings: re.Pattern[str]
    sounds: dict[str, str]


_LONGEST_CODE = 24
_FIRST_SOUNDS = dict.fromkeys("aeiouاعɑɐ", "A") | dict.fromkeys("yي", "Y") | dict.fromkeys("wvو", "W")
_DOUBLED = re.compile(r"(.)\1+")
_VOWELS = str.maketrans("", "", "ai-")
_PARTS = re.compile("sh|ch|kh|gh|th|dh|zh|ph|ck|.")
_COMMON = (
    dict.fromkeys("aeاɐ", "a")
    | dict.fromkeys("iouyوي", "i")
    | dict.fromkeys("wvع", "-")
    | dict.fromkeys("bpبپ", "B")
    | dict.fromkeys("dد", "D")
    | dict.fromkeys(("f", "ph", "ف"), "F")
    | dict.fromkeys(("gh", "غ"), "G")
    | dict.fromkeys(("h", "kh", "x", "ه", "ح", "خ"), "H")
    | dict.fromkeys(("c", "j", "zh", "ج", "ژ"), "J")
    | dict.fromkeys(("k", "q", "ck", "ق", "ك"), "K")
    | dict.fromkeys("lل", "L")
    | dict.fromkeys("mم", "M")
    | dict.fromkeys("nن", "N")
    | dict.fromkeys("rر", "R")
    | dict.fromkeys("sسص", "S")
    | dict.fromkeys("tتط", "T")
    | dict.fromkeys("zزظ", "Z")
    | dict.fromkeys("ش", "X")
)
_AS_SPELT = _Reading(
    endings=re.compile("(?<=[ae])h$|(?<=.)ه$"),
    sounds=_COMMON
    | dict.fromkeys(("sh", "ʃ"), "X")
    | dict.fromkeys(("ch", "ʧ", "چ"), "C")
    | dict.fromkeys(("g", "گ"), "G")
    | dict.fromkeys(("th", "ث"), "S")
    | dict.fromkeys(("dh", "ذ"), "Z")
    | {"ض": "D", "ɑ": "a"},
)
_AS_SAID = _Reading(
    endings=re.compile("(?!)"),
    sounds=_COMMON
    | {"sh": "SH", "ʃ": "S", "ch": "X", "ʧ": "J", "چ": "J", "g": "J", "گ": "K", "th": "TH", "ث": "T"}
    | {"dh": "D", "ذ": "D", "ض": "Z", "ɑ": "i"},
)
_RESPELT = (
    (re.compile("^abd[aeiou]l(?=[a-z]{2})"), "abd"),
    (re.compile("(?<=..)(?:[aeu]l|[aeu])?(?:dd|tt|(?<=l)d)(?:i|ee|ie)n$"), "din"),
    (re.compile("ee|ie$"), "i"),
    (re.compile("oo|ou"), "u"),
)
# Names whose consonants are another's too, or whose Turkish form has others: each gets a code of its own.
_KNOWN = (
    (re.compile("mhd|mohd?|memet"), "MHMT"),
    (re.compile("mah?m(?:u|oo|ou|o)[dt]|محمود"), "MHMWT"),
    (re.compile("h(?:u|o|ou)ss?[ae]?(?:i|y|yi)n|حسين"), "HSYN"),
    (re.compile("hatice|hadice|خديجه"), "HDJA"),
    (re.compile("[ou]mar|omer|عمر"), "OMR"),
    (re.compile("amr[ou]?|عمرو"), "AMRW"),
    (re.compile("m[aei]r[iy]+[ae]?m|مريم"), "MRYM"),
    (re.compile("s[ae](?:i|ee|ie)[dt]|سعيد"), "SYT"),
    (re.compile("k[ae]r(?:i|ee)m|كريم"), "KRYM"),
    (re.compile("[jc][ae]m(?:i|ee)l|جميل"), "JMYL"),
    (re.compile("taha|طه"), "THA"),
)


def _codes(word: str) -> frozenset[str]:
    """Return the codes of one written word: by each reading, with and without what may be an article."""
    forms = {word, _LATIN_ARTICLE.sub("", word)}
    return frozenset(_code(form, reading) for reading in (_AS_SPELT, _AS_SAID) for form in forms)


def _code(word: str, reading: _Reading) -> str:
    """Return the consonants of `word` as `reading` hears them, a mark for a first and a last vowel, last d as t."""
    folded = word.translate(_RELEASED)
    for known, code in _KNOWN:
        if known.fullmatch(folded):
            return code
    for spelling, plain in (*_RESPELT, (reading.endings, "a")):
        word = spelling.sub(plain, word)
    heard = "".join(reading.sounds.get(part, part.upper()) for part in _PARTS.findall(word))
    rest = _DOUBLED.sub(r"\1", heard)[1:]
    ending = rest[len(rest.rstrip("ai-")) :]
    last_vowel = ending.replace("-", "")[-1:].upper()
    consonants = _FIRST_SOUNDS.get(word[0], heard[0]) + rest.translate(_VOWELS)
    if not last_vowel and consonants.endswith("D"):
        consonants = consonants[:-1] + "T"
    return (consonants + last_vowel)[:_LONGEST_CODE]
