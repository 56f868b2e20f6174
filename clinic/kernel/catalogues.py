"""The catalogues of words: gathered from the sources, kept sorted and whole, compiled when they are stale.

`make catalog` brings them up to the sources and says what is still to be translated.
"""

import ast
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "clinic" / "translations"
PACKAGES = ("clinic", "inventory")

# Written by hand: Babel's own Arabic line puts 100-102 where every translation tool has 11-99, and its Turkish one
# announces two things as one.
PLURAL_FORMS = {
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);",
    "tr": "nplurals=2; plural=(n != 1);",
}
# Forms that stand for one number alone may say it in a word: سنتان.
FORMS_OF_ONE_NUMBER = {"ar": {0, 1, 2}, "tr": {0}}

_HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""
_KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "_l": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
_OPTIONS = {"silent": "false", "trimmed": "true", "newstyle_gettext": "true"}
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
_WIDTH = 120


def compile_stale(folder: Path = FOLDER) -> None:
    """Write the compiled catalogue beside each one that is younger than it."""
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file)
        with tempfile.NamedTemporaryFile(dir=source.parent, suffix=".part", delete=False) as part:
            write_mo(part, catalogue)
        Path(part.name).chmod(0o644)
        os.replace(part.name, compiled)  # noqa: PTH105 - in one step: several workers may start at once


def extract(root: Path = ROOT, packages: Iterable[str] = PACKAGES) -> Catalog:
    """Return the catalogue of every message that the sources under `root` speak."""
    sources = [path for package in packages for path in sorted((root / package).rglob("*.py"))]
    pages = [path for package in packages for path in sorted((root / package).rglob("*.html"))]
    keywords = _KEYWORDS | dict.fromkeys(refusals(sources))
    template = Catalog()
    for method, paths in (("python", sources), ("jinja2", pages)):
        for path in paths:
            for _line, message, _comments, context in extract_from_file(method, path, keywords, (), _OPTIONS):
                template.add(message, context=context)
    return template


def refusals(sources: Iterable[Path]) -> set[str]:
    """Return the names of DomainError and of all its kinds: the first word each is raised with is a message."""
    bases: dict[str, set[str]] = {}
    for path in sources:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                bases[node.name] = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
    found = {"DomainError"}
    while kinds := {name for name, parents in bases.items() if parents & found} - found:
        found |= kinds
    return found


def read(language: str, folder: Path = FOLDER) -> Catalog:
    """Return the catalogue of `language`, or an empty one."""
    path = folder / language / "LC_MESSAGES" / "messages.po"
    text = path.read_bytes() if path.exists() else _header(language).encode()
    return read_po(BytesIO(text), locale=language)


def write(language: str, catalogue: Catalog, folder: Path = FOLDER) -> None:
    """Write the catalogue sorted, without places and without what nobody says any more."""
    path = folder / language / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    body = BytesIO()
    write_po(body, catalogue, width=_WIDTH, omit_header=True, sort_output=True, no_location=True, ignore_obsolete=True)
    path.write_bytes(_header(language).encode() + body.getvalue().strip() + b"\n")


def update(folder: Path = FOLDER) -> list[str]:
    """Bring every catalogue up to the sources and return what is still wrong with them."""
    template = extract()
    wrong = []
    for language in PLURAL_FORMS:
        catalogue = read(language, folder)
        catalogue.update(template, no_fuzzy_matching=True)
        write(language, catalogue, folder)
        wrong += [f"{language}: {fault}" for fault in faults(language, read(language, folder), template)]
    return wrong


def faults(language: str, catalogue: Catalog, template: Catalog) -> list[str]:
    """Return what keeps the catalogue from speaking for every message of `template`, and for nothing else."""
    return [
        *_faults_of_header(language, catalogue),
        *(f"not in the catalogue: {_name(message)}" for message in _missing(template, catalogue)),
        *(f"nobody says it any more: {_name(message)}" for message in _missing(catalogue, template)),
        *(
            f"{fault}: {_name(message)}"
            for message in _messages(catalogue)
            for fault in _faults_of_message(language, message)
        ),
    ]


def _header(language: str) -> str:
    return _HEADER.format(language=language, plural_forms=PLURAL_FORMS[language])


def _messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def _missing(wanted: Catalog, held: Catalog) -> list[Message]:
    kept = {(_forms(message.id), message.context) for message in _messages(held)}
    return [message for message in _messages(wanted) if (_forms(message.id), message.context) not in kept]


def _faults_of_header(language: str, catalogue: Catalog) -> Iterator[str]:
    wanted = PLURAL_FORMS[language]
    if catalogue.plural_forms.replace(" ", "") != wanted.replace(" ", ""):
        yield f"plural forms are {catalogue.plural_forms}, not {wanted}"


def _faults_of_message(language: str, message: Message) -> Iterator[str]:
    said = _forms(message.string)
    if message.fuzzy:
        yield "fuzzy"
    if len(said) != (catalogue_forms := _number_of_forms(language, message)):
        yield f"{len(said)} forms, not {catalogue_forms}"
    if not all(form.strip() for form in said):
        yield "not translated"
        return
    sources = _forms(message.id)
    wanted = {name for form in sources for name in _PLACEHOLDER.findall(form)}
    for index, form in enumerate(said):
        named = set(_PLACEHOLDER.findall(form))
        lost = wanted - named
        if message.pluralizable and index in FORMS_OF_ONE_NUMBER[language]:
            lost -= {"%(num)s", "%(num)d"}
        if lost:
            yield f"lost {' '.join(sorted(lost))}"
        if invented := named - wanted:
            yield f"invented {' '.join(sorted(invented))}"
    for form in (*sources, *said):
        yield from _faults_of_text(form)
    for form in said:
        yield from _faults_of_tone(sources[0], form)


def _number_of_forms(language: str, message: Message) -> int:
    return int(PLURAL_FORMS[language].partition(";")[0].partition("=")[2]) if message.pluralizable else 1


def _faults_of_text(form: str) -> Iterator[str]:
    if "%" in _PLACEHOLDER.sub("", form).replace("%%", ""):
        yield "a per cent sign that fills nothing (write %%)"
    if set("<>&") & set(form):
        yield "markup in words"
    if form != form.strip() or "\n" in form:
        yield "white space at an end, or a line break"
    if set("!！") & set(form):
        yield "an exclamation mark"
    if re.search("[٠-٩۰-۹]", form):
        yield "digits that tables do not use"


def _faults_of_tone(source: str, said: str) -> Iterator[str]:
    ends = {"?": "?؟", ".": ".", ":": ":", "…": "…"}
    end = source[-1]
    if said[-1] not in ends.get(end, said[-1]) or (end not in ends and said[-1] in "?؟:"):
        yield "ends otherwise than the English"


def _forms(words: str | Iterable[str] | None) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words or ("",))


def _name(message: Message) -> str:
    return repr(_forms(message.id)[0])


def main() -> None:
    """Update the catalogues and say what is left to do."""
    sys.stdout.write("".join(f"{line}\n" for line in update()) or "Every word is there.\n")


if __name__ == "__main__":
    main()
