"""Reads of certificates: one by its number, how it stands, who signed, and whether the chain is whole."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from clinic.auth.models import User
from clinic.auth.queries import name_in
from clinic.kernel.db import db
from inventory.certificates.models import Certificate, CertificateEvent, Signature
from inventory.certificates.rules import SHORT, Party, Standing, digest

NOTHING_BEFORE = "0" * 64


@dataclass(frozen=True, kw_only=True)
class Signed:
    """Who signed, in whose name, when; `is_countersigned` where it was at a colleague's PC."""

    party: Party
    user_id: int
    name: str
    at: datetime
    is_countersigned: bool


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What anybody may know of a certificate: no name, no serial number, nobody's signature."""

    number: str
    version: int
    standing: Standing
    sha256: str
    pdf_sha256: str
    sealed_at: datetime
    units: int
    lines: int
    euros: str
    is_demo: bool


def told_by(certificate: Certificate) -> dict[str, Any]:
    """Return what a certificate says, as it was sealed."""
    told: dict[str, Any] = json.loads(certificate.text)
    return told


def get_standing(certificate: Certificate) -> Standing:
    """Return what a certificate is worth today."""
    last = db.session.scalar(
        select(CertificateEvent.standing)
        .where(CertificateEvent.certificate_id == certificate.id)
        .order_by(CertificateEvent.id.desc())
        .limit(1)
    )
    return last or Standing.VALID


def list_signatures(certificate_id: int, language: str = "en") -> list[Signed]:
    """Return who signed a certificate, the first first, named in the script of a language."""
    rows = db.session.execute(
        select(Signature, name_in(language))
        .join(User, User.id == Signature.user_id)
        .where(Signature.certificate_id == certificate_id)
        .order_by(Signature.id)
    )
    return [
        Signed(
            party=row.party,
            user_id=row.user_id,
            name=name,
            at=row.at,
            is_countersigned=row.countersignature_id is not None,
        )
        for row, name in rows
    ]


def find_checked(number: str, short: str) -> Checked | None:
    """Return what anybody may know of the newest printed version that bears a number and begins with `short`."""
    found = db.session.scalars(
        select(Certificate)
        .where(Certificate.number == number, Certificate.pdf_sha256.is_not(None))
        .order_by(Certificate.version.desc())
    ).all()
    certificate = next((one for one in found if len(short) == SHORT and one.sha256.startswith(short)), None)
    if certificate is None:
        return None
    told = told_by(certificate)
    return Checked(
        number=certificate.number,
        version=certificate.version,
        standing=get_standing(certificate),
        sha256=certificate.sha256,
        pdf_sha256=certificate.pdf_sha256 or "",
        sealed_at=certificate.sealed_at,
        units=told["totals"]["units"],
        lines=told["totals"]["lines"],
        euros=told["totals"]["eur"],
        is_demo=told["is_demo"],
    )


def find_by_pdf(sha256: str) -> Certificate | None:
    """Return the certificate whose printed bytes have this hash."""
    return db.session.scalar(select(Certificate).where(Certificate.pdf_sha256 == sha256))


def chain_differences() -> list[str]:
    """Return one line for each certificate whose text or place in the chain is not what was sealed; none when well."""
    lines, before = [], NOTHING_BEFORE
    certificates: Sequence[Certificate] = db.session.scalars(select(Certificate).order_by(Certificate.position)).all()
    for one in certificates:
        name = f"{one.number} v{one.version}"
        if digest(one.text) != one.sha256:
            lines.append(f"{name}: its text is no longer what was sealed")
        if one.previous != before:
            lines.append(f"{name}: it does not follow the certificate before it")
        before = one.sha256
    return lines
