"""The nurse's sheet: vital signs, danger signs, priority, and what is asked of allergies and pregnancy."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from clinic.chart.rules import AllergyGroup, Known, PregnancySource, Severity, ToldBy
from clinic.kernel import clock, i18n
from clinic.kernel.fields import (
    ChoiceField,
    DayField,
    DeskForm,
    LongField,
    NumberField,
    TickField,
    VersionField,
    WordField,
    YesNoField,
)
from clinic.kernel.i18n import _l
from clinic.visits.rules import (
    LONGEST_BEGUN,
    BegunKind,
    Consciousness,
    DangerSign,
    ImpossibleValue,
    Priority,
    Sheet,
    Vital,
    ensure_pressures,
    to_shown,
    to_stored,
)

REASON = 200
# Their unlikely values are asked about.
DOUBTED = (Vital.WEIGHT, Vital.LENGTH, Vital.HEIGHT, Vital.HEAD, Vital.ARM)


def _vital(vital: Vital, *, places: int = 1) -> Any:  # noqa: ANN401 - WTForms binds it later
    return NumberField(_l(vital.label), places=places)


def _sign(sign: DangerSign) -> Any:  # noqa: ANN401 - WTForms binds it later
    return YesNoField(_l(sign.label), yes=_l("Present"), no=_l("Absent"))


def _why() -> Any:  # noqa: ANN401 - WTForms binds it later
    return WordField(_l("Why it is right"), most=REASON, hint=_l("weighed twice, wears a cast …"))


class TriageForm(DeskForm):
    """One person's vital signs; what an age is not asked is taken out."""

    weight = _vital(Vital.WEIGHT, places=3)
    temperature = _vital(Vital.TEMPERATURE)
    respiration = _vital(Vital.RESPIRATION)
    pulse = _vital(Vital.PULSE)
    oxygen = _vital(Vital.OXYGEN)
    systolic = _vital(Vital.SYSTOLIC)
    diastolic = _vital(Vital.DIASTOLIC)
    arm = _vital(Vital.ARM)
    length = _vital(Vital.LENGTH)
    height = _vital(Vital.HEIGHT)
    head = _vital(Vital.HEAD)
    pain = _vital(Vital.PAIN)
    glucose = _vital(Vital.GLUCOSE)
    oxygen_given = YesNoField(_l(Vital.OXYGEN_GIVEN.label), no=_l("No, room air"))
    oedema = YesNoField(_l(Vital.OEDEMA.label))
    consciousness = ChoiceField(_l(Vital.CONSCIOUSNESS.label), of=Consciousness, segments=True)

    why_weight = _why()
    why_length = _why()
    why_height = _why()
    why_head = _why()
    why_arm = _why()

    cannot_drink = _sign(DangerSign.CANNOT_DRINK)
    vomits_all = _sign(DangerSign.VOMITS_ALL)
    convulsions = _sign(DangerSign.CONVULSIONS)
    drowsy = _sign(DangerSign.DROWSY)
    chest_indrawing = _sign(DangerSign.CHEST_INDRAWING)
    stiff_neck = _sign(DangerSign.STIFF_NECK)

    complaint = LongField(_l("Complaint"), most=LONGEST_BEGUN)
    history = LongField(_l("History"), most=LONGEST_BEGUN)

    priority = ChoiceField(_l("How soon"), of=Priority, segments=True)

    allergy = ChoiceField(
        _l("Allergies"), choices=[(Known.ABSENT, _l("None known")), (Known.PRESENT, _l("Yes, note it"))], segments=True
    )
    substance = WordField(_l("Allergic to"), hint=_l("medicine, food, anything"))
    group = ChoiceField(_l("Group"), of=AllergyGroup, hint=_l("the whole group is warned of"))
    reaction = WordField(_l("What happened"), most=REASON)
    severity = ChoiceField(_l("How bad"), of=Severity)
    told_by = ChoiceField(_l("Told by"), of=ToldBy)

    pregnancy = ChoiceField(
        _l("Pregnant"), choices=[(Known.ABSENT, _l("No")), (Known.PRESENT, _l("Yes"))], segments=True
    )
    lmp_on = DayField(_l("First day of the last period"))
    due_on = DayField(_l("Or due date"))
    source = ChoiceField(_l("The date comes from"), of=PregnancySource)
    is_sure = TickField(_l("The date is right, the pregnancy goes on"))

    def keep(self, sheet: Sheet, *, asks_pregnancy: bool) -> None:
        """Take out what this person is not asked."""
        asked = {name_of(kind) for kind in (*sheet.vitals, *sheet.more, *sheet.signs)}
        unasked = {name_of(kind) for kind in (*Vital, *DangerSign)} - asked
        unasked |= {f"why_{name_of(vital)}" for vital in DOUBTED if name_of(vital) in unasked}
        if not asks_pregnancy:
            unasked |= {"pregnancy", "lmp_on", "due_on", "source", "is_sure"}
        for name in unasked:
            del self[name]

    def read(self) -> tuple[dict[Vital | DangerSign, int], dict[Vital, ImpossibleValue]]:
        """Return what was measured and asked, in stored units, and what cannot be."""
        values: dict[Vital | DangerSign, int] = {}
        impossible: dict[Vital, ImpossibleValue] = {}
        for kind, answer in self._answers():
            try:
                values[kind] = _stored(kind, answer)
            except ImpossibleValue as refusal:
                impossible[Vital(kind)] = refusal
        upper, lower = values.get(Vital.SYSTOLIC), values.get(Vital.DIASTOLIC)
        if upper is not None and lower is not None:
            try:
                ensure_pressures(upper, lower)
            except ImpossibleValue as refusal:
                impossible[Vital.DIASTOLIC] = refusal
                del values[Vital.DIASTOLIC]
        return values, impossible

    @property
    def begun(self) -> dict[BegunKind, str]:
        """What the nurse begins of the doctor's note; a part is empty where nothing is written."""
        return {kind: self[name_of(kind)].data or "" for kind in BegunKind}

    def reason(self, vital: Vital) -> str:
        """Return why a value is right, as the nurse says; empty where nothing was said."""
        field = self._fields.get(f"why_{name_of(vital)}")
        return (field.data or "") if field is not None else ""

    def put(self, vital: Vital, stored: int) -> None:
        """Put what was meant into a field, in place of what was typed."""
        field = self[name_of(vital)]
        text = i18n.number(to_shown(vital, stored), grouped=False)
        field.process_formdata([text])
        field.raw_data, field.errors = [text], ()

    @property
    def names_allergy(self) -> bool:
        """Whether an allergy is to be put on file."""
        return self.allergy.data is Known.PRESENT or (self.allergy.data is None and bool(self.substance.data))

    def ensure_allergy(self) -> None:
        """Refuse an allergy of which it is not said to what it is, and how bad."""
        if self.names_allergy:
            for field in (self.substance, self.severity):
                if field.data is None:
                    field.errors = [*field.errors, i18n._("An answer is needed here.")]

    def _answers(self) -> Iterator[tuple[Vital | DangerSign, Any]]:
        for kind in (*Vital, *DangerSign):
            field = self._fields.get(name_of(kind))
            if field is not None and field.data is not None and not field.errors:
                yield kind, field.data


def name_of(kind: str) -> str:
    """Return the name of the field of a kind."""
    return kind.lower()


def kind_of(kind: str) -> Vital | DangerSign:
    """Return the vital or danger sign of that name."""
    return Vital(kind) if kind in Vital.__members__ else DangerSign(kind)


def _stored(kind: Vital | DangerSign, answer: Any) -> int:  # noqa: ANN401 - a number, a yes or a word
    match answer:
        case bool():
            return int(answer)
        case Consciousness():
            return list(Consciousness).index(answer)
        case _:
            return to_stored(Vital(kind), Decimal(answer))


class CorrectionForm(DeskForm):
    """What a value should have been, and why; `seen` is the reading that the page showed."""

    seen = VersionField()
    value = NumberField(_l("It should be"), places=3)
    answer = ChoiceField(_l("It should be"), segments=True)
    reason = WordField(_l("Why"), most=REASON, required=True)

    def keep(self, kind: Vital | DangerSign) -> None:
        """Ask for a figure or for a word, as the kind is measured."""
        words = _SIGN if isinstance(kind, DangerSign) else _ANSWERS.get(kind, ())
        del self["value" if words else "answer"]
        if words:
            self.answer.choices = [(str(place), word) for place, word in enumerate(words)]

    def stored(self, kind: Vital | DangerSign) -> int | None:
        """Return the corrected value in stored units, None where nothing is said. Raises ImpossibleValue."""
        if "answer" in self:
            return None if self.answer.data is None else int(self.answer.data)
        return None if self.value.data is None else to_stored(Vital(kind), self.value.data)


_SIGN = (_l("Absent"), _l("Present"))
_YES = (_l("No"), _l("Yes"))
_ANSWERS: dict[Vital, tuple[str, ...]] = {
    Vital.OXYGEN_GIVEN: _YES,
    Vital.OEDEMA: _YES,
    Vital.CONSCIOUSNESS: tuple(_l(state.label) for state in Consciousness),
}


class EndAllergyForm(DeskForm):
    """Why an allergy on file is wrong."""

    because = WordField(_l("Why it is wrong"), most=REASON, required=True)


class EndPregnancyForm(DeskForm):
    """When a pregnancy ended."""

    ended_on = DayField(_l("Day on which it ended"), required=True, most=clock.today)
