"""What the product says in English keeps the tone of the house, and every refusal can be translated."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from clinic.kernel import catalogues

# calm, short, no blame; a button names its verb and its object
UNWANTED = {
    r"\bplease\b": "no please",
    r"\berrors?\b": "say what did not happen",
    r"\b(failed|failure|invalid|illegal|forbidden)\b": "say what is so",
    r"\b(oops|sorry|successfully)\b": "say it plainly",
    r"^(submit|ok|click here)\.?$": "name the verb and the object",
    r"!": "no exclamation mark",
    r"\.\.\.": "write …",
    r"  ": "one space",
    r"\s[.,:;?]": "no space before a stop",
}


def _faults(message: str) -> list[str]:
    return [mend for pattern, mend in UNWANTED.items() if re.search(pattern, message, re.IGNORECASE)]


@pytest.fixture(scope="module")
def sources() -> Catalog:
    return catalogues.extract()


def test_every_message_keeps_the_tone(sources: Catalog) -> None:
    said = {form for message in catalogues._messages(sources) for form in catalogues._forms(message.id)}
    assert {form: faults for form in said if (faults := _faults(form))} == {}


@pytest.mark.parametrize(
    "planted",
    [
        *(
            "Please wait.",
            "An error occurred.",
            "Saved!",
            "OK",
            "Submit",
            "Loading...",
            "Invalid value.",
            "Two  spaces",
            "So ?",
        )
    ],
)
def test_another_tone_is_heard(planted: str) -> None:
    assert _faults(planted)


@pytest.mark.parametrize("sound", ["Not saved.", "Tokyo", "Okay with the family", "Terrors of the night"])
def test_the_tone_of_the_house_is_not(sound: str) -> None:
    assert _faults(sound) == []


# ---- refusals


def _unreadable(path: Path, refusals: set[str]) -> Iterator[str]:
    """The refusals that a page could not say in another language: their words are put together on the spot."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or ast.unparse(node.func).rpartition(".")[2] not in refusals:
            continue
        first = node.args[0] if node.args else None
        if isinstance(first, ast.JoinedStr | ast.BinOp | ast.Call) and "N_(" not in ast.unparse(first):
            yield f"{path.name}:{node.lineno} {ast.unparse(node)}"


def _python() -> list[Path]:
    return [path for package in catalogues.PACKAGES for path in sorted((catalogues.ROOT / package).rglob("*.py"))]


def test_every_refusal_is_a_message_that_a_catalogue_can_hold() -> None:
    refusals = catalogues.refusals(_python())
    assert [fault for path in _python() for fault in _unreadable(path, refusals)] == []


@pytest.mark.parametrize(
    ("raised", "is_sound"),
    [
        ('Short("Only %(left)s left.", left=3)', True),
        ('Short(N_("Only %(left)s left."), left=3)', True),
        ("Short(self.message)", True),
        ('Short(f"Only {left} left.")', False),
        ('Short("Only " + left)', False),
        ('Short("Only %s left." % left)', False),
        ('Short("Only {} left.".format(left))', False),
        ('Short(_("Only"))', False),
    ],
)
def test_a_refusal_put_together_on_the_spot_is_found(tmp_path: Path, raised: str, is_sound: bool) -> None:
    path = tmp_path / "rules.py"
    path.write_text(f"raise {raised}")
    assert (list(_unreadable(path, {"Short"})) == []) == is_sound
