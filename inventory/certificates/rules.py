"""What a certificate says, as the one text that its hash is made of, and the words that no language may change alone.

Amounts are whole cents until they are written: then a string with two decimals, never a float.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from num2words import num2words

from clinic.kernel.errors import DomainError
from clinic.kernel.text import N_, Worded

SHORT = 16
CLAUSES = "CUSTODY-1"


class Kind(Worded):
    """What is handed over: the keeping, the property, or the way back."""

    CUSTODY = "CUSTODY", N_("Custody and use")


class Party(Worded):
    """In whose name somebody signs."""

    GIVER = "GIVER", N_("Giver")
    CUSTODIAN = "CUSTODIAN", N_("Custodian so far")
    RECEIVER = "RECEIVER", N_("Receiver")


class Standing(Worded):
    """What a certificate is worth today."""

    VALID = "VALID", N_("valid, not yet answered by the receiver")
    ACCEPTED = "ACCEPTED", N_("accepted")
    PARTLY = "PARTLY", N_("accepted with exceptions")
    REJECTED = "REJECTED", N_("rejected")
    VOID = "VOID", N_("void: unsealed before anybody signed")
    CANCELLED = "CANCELLED", N_("cancelled before anybody signed")
    WITHDRAWN = "WITHDRAWN", N_("withdrawn by the giver")


class NotSealed(DomainError):
    """There is no sealed document, or it may not be sealed."""

    code = "not_sealed"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One record of the register as it is handed over; amounts in cents, the rate in units for 1 EUR.

    `files` are the hashes of what is on file of it, by kind; `calibrated_until` is a day, empty where it needs none.
    """

    no: int
    tag: str
    name_en: str
    name_tr: str
    name_ar: str
    maker: str
    model: str
    serial: str
    category: str
    quantity: int
    unit: str
    unit_cents: int
    line_cents: int
    currency: str
    original_cents: int
    rate: str
    rate_source: str
    bought_in: str
    needs_proof: bool
    condition: str
    remark: str
    photo: str
    inspector: str
    erasure: str
    erasure_note: str
    files: dict[str, str]
    calibrated_until: str


@dataclass(frozen=True, kw_only=True)
class Document:
    """All that a certificate says, but for what the seal adds: its number, version, time and place in the chain."""

    kind: Kind
    batch: str
    instrument: str
    agreement: str
    action: str
    donor: str
    legal_basis: str
    authorisation: str
    period: str
    giver: str
    custodian: str
    custodian_tr: str
    custodian_ar: str
    receiver: str
    receiver_tr: str
    receiver_ar: str
    unit: str
    place: str
    purpose: str
    handed_over_on: date
    clauses: str
    check_address: str
    is_demo: bool
    lines: tuple[Line, ...]

    @property
    def total_cents(self) -> int:
        """The sum of the lines."""
        return sum(line.line_cents for line in self.lines)


def euros(cents: int) -> str:
    """Return cents as a certificate's text holds them: 14900.00."""
    return f"{cents // 100}.{cents % 100:02}"


def seal_text(document: Document, *, number: str, version: int, previous: str, at: datetime) -> str:
    """Return the canonical text of a certificate: JSON with sorted keys, amounts as strings, nothing left out.

    `previous` is the hash of the certificate before it, or 64 noughts; `at` is in UTC.
    """
    told = _amounts(asdict(document))
    told |= {
        "handed_over_on": document.handed_over_on.isoformat(),
        "lines": [_amounts(asdict(line)) for line in document.lines],
        "number": number,
        "previous": previous,
        "sealed_at": at.isoformat(timespec="seconds"),
        "totals": {
            "lines": len(document.lines),
            "units": sum(line.quantity for line in document.lines),
            "eur": euros(document.total_cents),
            "needing_proof_eur": euros(sum(line.line_cents for line in document.lines if line.needs_proof)),
        },
        "version": version,
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _amounts(told: dict[str, Any]) -> dict[str, Any]:
    """Return a mapping whose cents are written as amounts, under names that say so."""
    return {
        (name.replace("_cents", "_eur") if name != "original_cents" else "original_price"): euros(value)
        if name.endswith("_cents")
        else value
        for name, value in told.items()
    }


def digest(text: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def written_number(year: int, number: int) -> str:
    """Return a certificate's number as it is printed: HC-2026-0001."""
    return f"HC-{year}-{number:04}"


def amount_in_words(amount: str, language: str) -> str:
    """Return an amount such as "68900.00" in the words of English, Turkish or Arabic."""
    value = Decimal(amount)
    whole, cents = int(value), int(value % 1 * 100)
    euro, cent, joined = {
        "en": ("euros", "cents", " and "),
        "tr": ("avro", "sent", " "),
        "ar": ("يورو", "سنت", " و "),
    }[language]
    words = f"{num2words(whole, lang=language).replace(',', '')} {euro}"
    return f"{words}{joined}{num2words(cents, lang=language)} {cent}" if cents else words


# What holds between the parties, by number, in English, Turkish and Arabic. The Turkish and the Arabic wait for review
# by a native lawyer; the version is printed, and an older one stays as it was sealed.
CLAUSE_TEXTS: dict[str, tuple[tuple[int, str, str, str], ...]] = {
    CLAUSES: (
        (
            1,
            "Free of charge; no profit is made of it.",
            "Bedelsizdir; bundan kazanç sağlanmaz.",
            "دون مقابل؛ ولا يُجنى منه ربح.",
        ),
        (
            2,
            "For public primary health care, at the place named here.",
            "Burada adı geçen yerde, kamuya açık birinci basamak sağlık hizmeti içindir.",
            "للرعاية الصحية الأولية العامة، في المكان المذكور هنا.",
        ),
        (
            3,
            "Title stays with the Project; upkeep, calibration and consumables are the Receiver’s from now on.",
            "Mülkiyet Projede kalır; bakım, kalibrasyon ve sarf malzemesi teslimden itibaren Devralana aittir.",
            "تبقى الملكية للمشروع؛ والصيانة والمعايرة والمستهلكات على المستلم منذ التسليم.",
        ),
        (
            4,
            "Markings stay on the equipment.",
            "Ekipmanın üzerindeki işaretler korunur.",
            "تبقى العلامات على المعدات.",
        ),
        (
            5,
            "Records are kept for 7 years and are open to the donor’s auditors.",
            "Kayıtlar 7 yıl saklanır ve fon sağlayıcının denetçilerine açıktır.",
            "تُحفظ السجلات سبع سنوات وتُتاح لمدققي الجهة المانحة.",
        ),
        (
            7,
            "As it is, in the condition that Annex A states.",
            "Ek A’da belirtilen durumda, olduğu gibi.",
            "بحالتها كما في الملحق أ.",
        ),
        (
            8,
            "Lines that are rejected stay with the Custodian.",
            "Reddedilen kalemler Emanetçide kalır.",
            "البنود المرفوضة تبقى لدى الحافظ.",
        ),
        (
            11,
            "English and Turkish prevail equally; Arabic is for information.",
            "İngilizce ve Türkçe eşit geçerlidir; Arapça bilgi içindir.",
            "النصان الإنكليزي والتركي متساويان؛ والعربي للاطلاع.",
        ),
        (
            12,
            "Financed by the agreement named here alone, and claimed once.",
            "Yalnız burada adı geçen sözleşmeyle finanse edilmiştir ve bir kez talep edilir.",
            "ممولة من الاتفاقية المذكورة هنا وحدها، ويُطالب بها مرة واحدة.",
        ),
    )
}
