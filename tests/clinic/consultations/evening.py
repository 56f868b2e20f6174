"""An evening at the doctors' desks, for the tests of this folder."""

from dataclasses import dataclass

from clinic.auth.roles import Role
from clinic.consultations.models import IcdCode, IcdWord, QuickPick
from clinic.consultations.queries.icd import icd_words, plain_code
from clinic.consultations.rules import CaseType, Content, DraftDiagnosis, PartKind
from clinic.kernel.access import Scope
from clinic.kernel.db import transaction
from clinic.visits import services as visits
from clinic.visits.queries import board
from tests import factories

CODES = {"J00": "Common cold", "J02.9": "Acute pharyngitis", "I10": "Essential hypertension"}


@dataclass(frozen=True)
class Seen:
    """A person who came tonight, by the ids and keys that tests need."""

    patient_id: int
    patient_key: str
    visit_id: int
    visit_key: str
    place_id: int
    place_key: str


@dataclass(frozen=True)
class Clinic:
    """Who works here tonight: two general practitioners, a surgeon; and a doctor of another site for noise."""

    doctor: Scope
    colleague: Scope
    surgeon: Scope
    registrar: Scope
    nurse: Scope
    pharmacist: Scope
    elsewhere: Scope

    def arrive(self, at: str = "GP", **fields: object) -> Seen:
        """Register a person and check them in to a specialty."""
        patient = factories.create_patient(self.registrar, **fields)
        patient_id, patient_key = patient.id, patient.key
        return self.come_again(patient_id, patient_key, at)

    def come_again(self, patient_id: int, patient_key: str, at: str = "GP") -> Seen:
        """Check a person in who is on file."""
        point_id = factories.point_of(self.registrar.site_id, at)
        visit = factories.create_visit(self.registrar, patient_id, point_id)
        place = next(row for row in board(self.registrar, point_id) if row.visit_id == visit.id)
        return Seen(patient_id, patient_key, visit.id, visit.key, place.id, place.key)

    def called(self, at: str = "GP", *, by: Scope | None = None, **fields: object) -> Seen:
        """Let a person arrive and be called by a doctor."""
        seen = self.arrive(at, **fields)
        self.call(seen, by=by)
        return seen

    def call(self, seen: Seen, *, by: Scope | None = None) -> None:
        """Let a doctor call a person."""
        with transaction():
            visits.call(by or self.doctor, seen.place_key)


def open_clinic() -> Clinic:
    """Make the clinic, with a list of three diagnoses, and one site more in the same organisation."""
    site = factories.create_clinic()
    organisation_id = site.organisation_id
    staff = {
        name: factories.scope_of(factories.create_user(site, role, practises=practises, name_latin=words))
        for name, role, practises, words in (
            ("doctor", Role.DOCTOR, ("GP",), "Tarek Erdem"),
            ("colleague", Role.DOCTOR, ("GP",), "Selma Kaya"),
            ("surgeon", Role.DOCTOR, ("SUR",), "Murat Demir"),
            ("registrar", Role.REGISTRAR, (), "Meryem Aydin"),
            ("nurse", Role.NURSE, (), "Derya Yalin"),
            ("pharmacist", Role.PHARMACIST, (), "Elif Sahin"),
        )
    }
    other = factories.create_clinic(organisation_id=organisation_id)
    elsewhere = factories.scope_of(factories.create_user(other, Role.DOCTOR, practises=("GP",)))
    list_diagnoses()
    return Clinic(**staff, elsewhere=elsewhere)


def list_diagnoses() -> None:
    """Put three diagnoses on the list, two of them at hand in general practice."""
    with transaction() as session:
        session.add_all(
            IcdCode(code=code, title_en=title, title_tr=f"tr {title}", title_ar=f"ar {title}")
            for code, title in CODES.items()
        )
        session.flush()
        for code, title in CODES.items():
            session.add_all(IcdWord(word=word, code=code) for word in icd_words(f"{title} tr ar") | {plain_code(code)})
        session.add_all(
            QuickPick(specialty_code="GP", code=code, position=place) for place, code in enumerate(["J00", "J02.9"])
        )


def content(*codes: str, complaint: str = "Cough 4 days", **parts: str) -> Content:
    """Return what a doctor may have typed: a complaint, and each code as a new case."""
    texts = {"complaint": complaint, **parts}
    return Content(
        parts={PartKind(name.upper()): text for name, text in texts.items() if text},
        diagnoses=tuple(DraftDiagnosis(code=code, case_type=CaseType.NEW) for code in codes),
    )
