"""Every word stands in every language, and the check itself is seen to fail on each kind of fault."""

import os
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from clinic.kernel import catalogues
from clinic.kernel.i18n import LANGUAGES

TRANSLATED = [language for language in LANGUAGES if language != "en"]


@pytest.fixture(scope="module")
def sources() -> Catalog:
    return catalogues.extract()


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated_whole(language: str, sources: Catalog) -> None:
    assert catalogues.faults(language, catalogues.read(language), sources) == []


def test_every_language_but_english_has_a_catalogue() -> None:
    assert sorted(path.name for path in catalogues.FOLDER.iterdir()) == sorted(TRANSLATED)
    assert sorted(catalogues.PLURAL_FORMS) == sorted(TRANSLATED)


# ---- the check, tried on planted faults


SOUND = """
msgid "%(name)s waits."
msgstr "%(name)s ينتظر."

msgid "%(num)s box of %(item)s"
msgid_plural "%(num)s boxes of %(item)s"
msgstr[0] "لا علب من %(item)s"
msgstr[1] "علبة من %(item)s"
msgstr[2] "علبتان من %(item)s"
msgstr[3] "%(num)s علب من %(item)s"
msgstr[4] "%(num)s علبة من %(item)s"
msgstr[5] "%(num)s علبة من %(item)s"
"""


def _faults(tmp_path: Path, was: str = "", becomes: str = "") -> list[str]:
    """The faults of the sound catalogue after one change to its text."""
    assert was in catalogues._header("ar") + SOUND
    template = Catalog()
    template.add("%(name)s waits.")
    template.add(("%(num)s box of %(item)s", "%(num)s boxes of %(item)s"))
    path = tmp_path / "ar" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    path.write_text((catalogues._header("ar") + SOUND).replace(was, becomes, 1), encoding="utf-8")
    return catalogues.faults("ar", catalogues.read("ar", tmp_path), template)


def test_a_sound_catalogue_has_no_fault(tmp_path: Path) -> None:
    assert _faults(tmp_path) == []


@pytest.mark.parametrize(
    ("was", "becomes", "fault"),
    [
        ('"%(name)s ينتظر."', '""', "not translated"),
        ('"%(name)s ينتظر."', '" "', "not translated"),
        ('msgstr[5] "%(num)s علبة من %(item)s"', 'msgstr[5] ""', "not translated"),
        ('msgstr[5] "%(num)s علبة من %(item)s"\n', "", "not translated"),
        ('msgid "%(name)s waits."', '#, fuzzy\nmsgid "%(name)s waits."', "fuzzy"),
        ("%(name)s ينتظر", "ينتظر", "lost %(name)s"),
        ("%(name)s ينتظر", "%(nom)s ينتظر", "lost %(name)s"),
        ("%(name)s ينتظر", "%(name)s ينتظر %(room)s", "invented %(room)s"),
        ("%(name)s ينتظر", "%(name)d ينتظر", "lost %(name)s"),
        ("%(name)s ينتظر", "%(name)s ينتظر 5%", "per cent"),
        ("لا علب من %(item)s", "لا علب", "lost %(item)s"),
        ("%(num)s علب من", "علب من", "lost %(num)s"),
        ("ينتظر.", "<b>ينتظر</b>.", "markup"),
        ("ينتظر.", "ينتظر. ", "white space"),
        ("ينتظر.", "ينتظر!", "exclamation"),
        ("ينتظر.", "ينتظر ٣.", "digits"),
        ("ينتظر.", "ينتظر", "ends otherwise"),
        ("ينتظر.", "ينتظر؟", "ends otherwise"),
        ('msgid "%(name)s waits."', 'msgid "%(name)s is waiting."', "not in the catalogue: '%(name)s waits.'"),
        ('msgid "%(name)s waits."', 'msgid "%(name)s is waiting."', "nobody says it any more: '%(name)s is waiting.'"),
        ("nplurals=6", "nplurals=5", "plural forms are"),
        ("n%100>=11 ? 4 : 5", "n%100>=11 ? 5 : 4", "plural forms are"),
    ],
)
def test_each_planted_fault_is_found(tmp_path: Path, was: str, becomes: str, fault: str) -> None:
    assert any(fault in found for found in _faults(tmp_path, was, becomes))


# ---- gathering


SPEAKERS = """
class Short(DomainError): ...
class VeryShort(rules.Short): ...
class Quiet(Exception): ...
LABEL = _l("a late word")
MARKED = N_("a marked " "word")
def speak(n):
    _("a word")
    ngettext("%(num)s box", "%(num)s boxes", n)
    raise VeryShort("a refusal", field="not a word", left=3)
    raise refusals.Short("another")
    raise Quiet("not a word")
"""


def test_words_are_gathered_from_python_templates_and_refusals(tmp_path: Path) -> None:
    (tmp_path / "clinic").mkdir()
    (tmp_path / "clinic" / "speakers.py").write_text(SPEAKERS)
    (tmp_path / "clinic" / "page.html").write_text("<p>{{ _('on a page') }}</p>{% call f(_('within')) %}{% endcall %}")
    assert sorted(str(message.id) for message in catalogues.extract(tmp_path) if message.id) == [
        "('%(num)s box', '%(num)s boxes')",
        "a late word",
        "a marked word",
        "a refusal",
        "a word",
        "another",
        "on a page",
        "within",
    ]


def test_a_template_that_does_not_parse_stops_the_gathering(tmp_path: Path) -> None:
    (tmp_path / "clinic").mkdir()
    (tmp_path / "clinic" / "page.html").write_text("{{ _('lost'")
    with pytest.raises(Exception, match="unexpected end of template"):
        catalogues.extract(tmp_path)


def test_an_update_keeps_translations_adds_the_new_and_drops_the_unsaid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Catalog()
    said.add("%(name)s waits.")
    said.add("Zinc")
    said.add("Amount")
    monkeypatch.setattr(catalogues, "extract", lambda: said)
    _faults(tmp_path)
    wrong = catalogues.update(tmp_path)
    assert "ar: not translated: 'Amount'" in wrong
    text = (tmp_path / "ar" / "LC_MESSAGES" / "messages.po").read_text(encoding="utf-8")
    assert text.startswith(catalogues._header("ar"))
    assert [line for line in text.splitlines() if line.startswith("msgid")][1:] == [
        'msgid "%(name)s waits."',
        'msgid "Amount"',
        'msgid "Zinc"',
    ]
    assert "ينتظر" in text
    assert "#" not in text.replace("#, python-format", "")
    assert catalogues.update(tmp_path) == wrong
    assert (tmp_path / "ar" / "LC_MESSAGES" / "messages.po").read_text(encoding="utf-8") == text


def test_what_is_left_to_do_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(catalogues, "update", list)
    catalogues.main()
    monkeypatch.setattr(catalogues, "update", lambda: ["ar: not translated: 'Amount'"])
    catalogues.main()
    assert capsys.readouterr().out == "Every word is there.\nar: not translated: 'Amount'\n"


# ---- compiling


def test_a_catalogue_is_compiled_when_it_is_younger_than_what_was_made_of_it(tmp_path: Path) -> None:
    _faults(tmp_path)
    source = tmp_path / "ar" / "LC_MESSAGES" / "messages.po"
    compiled = source.with_suffix(".mo")
    catalogues.compile_stale(tmp_path)
    first = compiled.stat()
    catalogues.compile_stale(tmp_path)
    assert compiled.stat().st_ino == first.st_ino
    os.utime(source, ns=(first.st_mtime_ns + 1, first.st_mtime_ns + 1))
    catalogues.compile_stale(tmp_path)
    assert compiled.stat().st_ino != first.st_ino
    assert sorted(path.name for path in source.parent.iterdir()) == ["messages.mo", "messages.po"]
