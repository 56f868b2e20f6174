"""What the registrar types: a search, a person's particulars, where someone goes tonight."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from wtforms import ValidationError

from clinic.kernel import clock
from clinic.kernel.errors import DomainError
from clinic.kernel.fields import ChoiceField, DeskForm, KeyField, ManyField, Problem, TickField, VersionField, WordField
from clinic.kernel.i18n import LANGUAGE_NAMES, _, _l, explain, territory_name
from clinic.kernel.text import N_, fold_digits
from clinic.patients.rules import (
    CHECK_DIGIT,
    BirthDate,
    Identifier,
    IdentifierSystem,
    Language,
    LegalStatus,
    NameMissing,
    Names,
    Paper,
    Particulars,
    Phone,
    SameScript,
    Sex,
    is_arabic,
    parse_birth,
    read_identifier,
    read_names,
    read_phone,
    read_record_number,
    shown_phone,
)
from clinic.registration.rules import Why, label_language

NAME_FIELDS = ("given_ar", "father_ar", "family_ar", "given_latin", "father_latin", "family_latin")
LONGEST_SEARCH = 100
LONGEST_RECORD = 9
LONGEST_NAME = 60
LONGEST_REASON = 200
SHORTEST_REASON = 5
_SPOKEN_MOST = (Language.AR, Language.TR, Language.KU)
_PAPERS = (IdentifierSystem.PASSPORT, IdentifierSystem.UNHCR, IdentifierSystem.OTHER)
_COUNTRIES = ("SY", "IQ", "AF", "IR", "PS", "YE", "EG", "LB", "SO", "TM", "UZ", "PK", "TR")


class SearchForm(DeskForm):
    """The one box."""

    words = WordField(
        _l("Search"),
        most=LONGEST_SEARCH,
        hint=_l("name in any script, father, phone or number"),
        render_kw={"autocomplete": "off", "enterkeyhint": "search"},
    )


# ---- fields that mean more than their text -------------------------------------------------------------------------


class BirthField(WordField):
    """A birth date, a year, or an age as people tell it: 04.03.1985, 1985, ~40."""

    data: BirthDate | None  # type: ignore[assignment]  # a text that means more than itself

    def meaning(self, text: str) -> BirthDate:
        """Return the birth as far as it is told."""
        return _read(lambda: parse_birth(text, clock.today()))

    def check(self, answer: object) -> None:
        """Take every birth that could be read."""

    def written(self, answer: BirthDate) -> str:
        """Return the birth as it would be typed, a document's own words first."""
        return answer.as_on_document or answer.written


class PhoneField(WordField):
    """A phone number."""

    data: Phone | None  # type: ignore[assignment]  # a text that means more than itself

    def meaning(self, text: str) -> Phone:
        """Return the number in international form, with what is odd about it."""
        return _read(lambda: read_phone(text))

    def check(self, answer: object) -> None:
        """Take every number that can be dialled."""

    def written(self, answer: Phone) -> str:
        """Return the number as it is dialled here."""
        return shown_phone(answer.value)


class IdentityField(WordField):
    """The number of an identity card; its first digits say who gave it."""

    data: Identifier | None  # type: ignore[assignment]  # a text that means more than itself

    def meaning(self, text: str) -> Identifier:
        """Return the number, with what is odd about it."""
        return _read(lambda: read_identifier(text))

    def check(self, answer: object) -> None:
        """Take every number that may stand on a card."""

    def written(self, answer: Identifier) -> str:
        """Return the number alone."""
        return answer.value


class KeysField(KeyField):
    """Opaque keys that the page carries unseen, parted by commas; a piece of the page may bring more of them."""

    data: list[str] | None  # type: ignore[assignment]  # several keys

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the keys of the whole page."""
        told = [text for text in valuelist if isinstance(text, str) and text]
        super().process_formdata([",".join(told)])

    def meaning(self, text: str) -> list[str]:
        """Return each of the keys."""
        return [str(KeyField.meaning(self, key)) for key in text.split(",")]

    def written(self, answer: Iterable[str]) -> str:
        """Return the keys as the page carries them."""
        return ",".join(answer)


_Meaning = TypeVar("_Meaning")


def _read(reading: Callable[[], _Meaning]) -> _Meaning:
    try:
        return reading()
    except DomainError as refusal:
        raise ValidationError(explain(refusal)) from refusal


_NUMERIC: dict[str, object] = {"dir": "ltr", "inputmode": "numeric", "autocomplete": "off"}
_NAME: dict[str, object] = {"dir": "auto", "autocomplete": "off", "spellcheck": "false"}


# ---- a person ------------------------------------------------------------------------------------------------------


class ParticularsForm(DeskForm):
    """Who someone is, but for the names: what is asked at the desk, then what can wait."""

    sex = ChoiceField(
        _l("Sex"), choices=[(sex, _l(sex.label)) for sex in (Sex.MALE, Sex.FEMALE)], segments=True, required=True
    )
    speaks = ChoiceField(
        _l("Speaks"),
        choices=[*((code, _l(code.label)) for code in _SPOKEN_MOST), (Language.OTHER, _l("other"))],
        segments=True,
        required=True,
        default=Language.AR,
    )
    born = BirthField(_l("Date of birth"), hint=_l("or year, or about 34"), render_kw={**_NUMERIC, "inputmode": "text"})
    phone = PhoneField(_l("Phone"), render_kw={**_NUMERIC, "inputmode": "tel"})
    phone_is_right = TickField(_l("The phone number is right as it stands"))

    nationality = ChoiceField(_l("Nationality"))
    district = WordField(_l("District"), most=80, render_kw={"dir": "auto", "autocomplete": "off"})
    other_language = ChoiceField(
        _l("Which other language"),
        choices=[(code, _l(code.label)) for code in Language if code not in (*_SPOKEN_MOST, Language.OTHER)],
    )
    label_language = ChoiceField(
        _l("Labels in"), choices=list(LANGUAGE_NAMES.items()), blank=_l("the language spoken, or Arabic")
    )
    legal_status = ChoiceField(
        _l("Legal status"),
        choices=[(status, _l(status.label)) for status in LegalStatus if status is not LegalStatus.NOT_ASKED],
        blank=_l("Not asked"),
    )
    mother = WordField(_l("Mother’s name"), most=LONGEST_NAME, render_kw=_NAME)
    new_year = TickField(_l("Born on 1 January indeed"), hint=_l("on many papers it stands for the year alone"))

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.nationality.choices = [(code, territory_name(code)) for code in _COUNTRIES]

    @property
    def problems(self) -> list[Problem]:
        """What is to be looked at again, in the order of the page."""
        places = {name: place for place, name in enumerate(self.page_order)}
        return sorted(super().problems, key=lambda problem: places.get(problem.field_id, 0))

    page_order: ClassVar[tuple[str, ...]] = ()

    @property
    def later(self) -> list[Any]:
        """The fields that can wait."""
        names = ("nationality", "district", "other_language", "label_language", "legal_status", "mother", "new_year")
        return [self[name] for name in names]

    @property
    def is_later_open(self) -> bool:
        """Whether something among what can wait was answered, or is wrong."""
        return any(field.errors or field.data for field in self.later)

    def names(self) -> Names:
        """Return the names that were told. Raises NameMissing, SameScript."""
        raise NotImplementedError

    def told(self) -> Particulars:
        """Return what was answered. Raises NameMissing, SameScript."""
        language = self._language()
        phone: Phone | None = self.phone.data
        return Particulars(
            names=self.names(),
            sex=self.sex.data,
            **({"birth": birth} if (birth := self._birth()) else {}),
            language=language,
            label_language=self.label_language.data or label_language(language),
            legal_status=self.legal_status.data or LegalStatus.NOT_ASKED,
            nationality=self.nationality.data or "",
            phone=phone.value if phone else "",
            district=self.district.data or "",
            mother=self.mother.data or "",
        )

    def validate(self, extra_validators: object = None) -> bool:
        """Whether every answer can be taken, the names among one another and a doubted phone as well."""
        super().validate(extra_validators)
        try:
            self.names()
        except (NameMissing, SameScript) as refusal:
            if not self[refusal.field or "given"].errors:
                self.refuse(refusal)
        if self.is_phone_doubted and not self.phone_is_right.data:
            self.phone_is_right.errors = [_("Tick this, or correct the number.")]
        return not self.errors

    @property
    def is_phone_doubted(self) -> bool:
        """Whether no such phone number is in use."""
        return bool(self.phone.data and self.phone.data.doubts)

    def _language(self) -> str:
        if self.speaks.data is Language.OTHER and self.other_language.data:
            return str(self.other_language.data.value)
        return str((self.speaks.data or Language.AR).value)

    def _birth(self) -> BirthDate | None:
        if self.new_year.data and self.born.typed and not self.born.errors:
            return parse_birth(self.born.typed, clock.today(), new_year_is_true=True)
        return self.born.data


class PaperForm(DeskForm):
    """The number of one more document."""

    system = ChoiceField(
        _l("Document"),
        choices=[
            (IdentifierSystem.YKN, _l("Identity card (99 or 98)")),
            *((system, _l(system.label)) for system in _PAPERS),
        ],
        required=True,
    )
    value = WordField(_l("Its number"), required=True, most=40, render_kw={"dir": "ltr", "autocomplete": "off"})
    because = WordField(_l("Why it is right"), most=LONGEST_REASON, least=SHORTEST_REASON)

    def paper(self) -> Paper:
        """Return the document's number. Raises UnusableNumber."""
        return Paper(read_identifier(self.value.data or "", self.system.data), self.because.data or "")


class RelativeForm(DeskForm):
    """Someone on file with whom a person lives."""

    record = WordField(
        _l("Lives with, by record number"), required=True, most=20, hint="P-001 207", render_kw={"dir": "ltr"}
    )

    @property
    def number(self) -> int:
        """The record number that was typed, 0 where it is none."""
        typed = fold_digits(self.record.data or "").replace(" ", "")
        return int(typed) if typed.isdecimal() and len(typed) <= LONGEST_RECORD else read_record_number(typed) or 0


class NewPersonForm(ParticularsForm):
    """A person whom the clinic has never seen, and where the person goes tonight."""

    page_order = (
        *("given", "father", "family", "other_spelling", "sex", "speaks", "number", "born", "phone"),
        *("number_because", "phone_is_right", "paper_system", "paper_number", "because", "point", "why"),
    )

    given = WordField(_l("Given name"), required=True, most=LONGEST_NAME, render_kw=_NAME)
    father = WordField(_l("Father’s name"), most=LONGEST_NAME, render_kw=_NAME)
    family = WordField(_l("Family name"), most=LONGEST_NAME, render_kw=_NAME)
    other_spelling = WordField(_l("Latin spelling"), most=2 * LONGEST_NAME, render_kw=_NAME)
    number = IdentityField(_l("Identity number"), hint=_l("if any"), render_kw=_NUMERIC)
    number_because = WordField(_l("Why the number is right"), most=LONGEST_REASON, least=SHORTEST_REASON)
    paper_system = ChoiceField(_l("Another document"), choices=[(system, _l(system.label)) for system in _PAPERS])
    paper_number = WordField(_l("Its number"), most=40, render_kw={"dir": "ltr", "autocomplete": "off"})
    relative = KeyField(required=False)
    told_apart = KeysField(required=False)
    because = WordField(_l("Why this is a different person"), most=LONGEST_REASON, least=SHORTEST_REASON)
    point = ChoiceField(_l("Where to tonight?"), segments=True)
    why = ChoiceField(_l("Why"), of=Why, segments=True, default=Why.NEW_PROBLEM)

    @property
    def later(self) -> list[Any]:
        """The fields that can wait."""
        return [*super().later, self.paper_system, self.paper_number]

    @property
    def is_number_doubted(self) -> bool:
        """Whether the check digit of the identity number does not fit."""
        return bool(self.number.data and CHECK_DIGIT in self.number.data.doubts)

    def validate(self, extra_validators: object = None) -> bool:
        """Whether every answer can be taken, a doubted number and a second document as well."""
        super().validate(extra_validators)
        if self.is_number_doubted and not (self.number_because.data or self.number_because.errors):
            self.number_because.errors = [_("Say why the number is right, or correct it.")]
        if self.paper_number.data and not self.paper_number.errors:
            self._read_paper()
        return not self.errors

    def names(self) -> Names:
        """Return the names, each in the script in which it was written. Raises NameMissing, SameScript."""
        return read_names(
            self.given.data or "", self.father.data or "", self.family.data or "", self.other_spelling.data or ""
        )

    def papers(self) -> list[Paper]:
        """Return the documents that were handed over."""
        number: Identifier | None = self.number.data
        papers = [Paper(number, self.number_because.data or "")] if number else []
        if self.paper_number.data:
            papers.append(Paper(read_identifier(self.paper_number.data, self.paper_system.data)))
        return papers

    def _read_paper(self) -> None:
        if self.paper_system.data is None:
            self.paper_system.errors = [_("Say which document it is.")]
            return
        try:
            self.papers()
        except DomainError as refusal:
            self.paper_number.errors = [explain(refusal)]


class CorrectionForm(ParticularsForm):
    """What is on file of a person, corrected as of the version that the page showed."""

    given_ar = WordField(_l("Given name, Arabic"), most=LONGEST_NAME, render_kw=_NAME)
    father_ar = WordField(_l("Father’s name, Arabic"), most=LONGEST_NAME, render_kw=_NAME)
    family_ar = WordField(_l("Family name, Arabic"), most=LONGEST_NAME, render_kw=_NAME)
    given_latin = WordField(_l("Given name, Latin"), most=LONGEST_NAME, render_kw=_NAME)
    father_latin = WordField(_l("Father’s name, Latin"), most=LONGEST_NAME, render_kw=_NAME)
    family_latin = WordField(_l("Family name, Latin"), most=LONGEST_NAME, render_kw=_NAME)
    version = VersionField()

    @property
    def written_names(self) -> list[WordField]:
        """The six fields of the name."""
        return [self[name] for name in NAME_FIELDS]

    def names(self) -> Names:
        """Return the names as they stand in the two rows. Raises NameMissing, SameScript."""
        for field in self.written_names:
            if field.data and is_arabic(field.data) != field.name.endswith("_ar"):
                raise SameScript(N_("These letters belong in the other row."), field=field.name)
        names = Names(**{field.name: field.data or "" for field in self.written_names})
        if not (names.given_ar or names.given_latin):
            raise NameMissing(N_("Write at least one name, as the person says it."), field="given_ar")
        return names


# ---- tonight -------------------------------------------------------------------------------------------------------


class CheckInForm(DeskForm):
    """Where a person goes tonight, and why."""

    point = ChoiceField(_l("Where to tonight?"), segments=True, required=True)
    why = ChoiceField(_l("Why"), of=Why, segments=True, required=True)


class FamilyForm(DeskForm):
    """Who of a family goes where tonight: one tick and one specialty for each, under one operation."""

    who = ManyField(_l("Who came"), required=True)
    why = ChoiceField(_l("Why"), of=Why, segments=True, required=True, default=Why.NEW_PROBLEM)

    @property
    def ticked(self) -> list[tuple[str, Any]]:
        """Those who are ticked, each with the chosen specialty's point or none."""
        return [(key, self[_where(key)].data) for key in self.who.data]

    def where(self, key: str) -> Any:  # noqa: ANN401 - a field
        """Return the field of a person's specialty."""
        return self[_where(key)]

    def validate(self, extra_validators: object = None) -> bool:
        """Whether each one who is ticked has somewhere to go."""
        super().validate(extra_validators)
        for key, point in self.ticked:
            if point is None:
                self.where(key).errors = [_("Choose where this person goes.")]
        return not self.errors


def family_form(people: Mapping[str, str], points: Sequence[tuple[str, str]], presets: Mapping[str, str]) -> FamilyForm:
    """Return the form of a family: `people` by key and name, `points` to go to, the point meant for each."""
    fields = {_where(key): ChoiceField(name, choices=points, blank=_("Choose")) for key, name in people.items()}
    form: FamilyForm = type("FamilyForm", (FamilyForm,), fields)(
        data={_where(key): point for key, point in presets.items()}
    )
    form.who.choices = list(people.items())
    return form


def _where(key: str) -> str:
    """Return the name of the field that says where the person of `key` goes."""
    return f"where_{key.replace('-', '_')}"
