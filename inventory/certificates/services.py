"""A certificate is sealed, printed once, signed, and what becomes of it is written beside it."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from io import BytesIO

import segno
from markupsafe import Markup
from sqlalchemy import func, select

from clinic.kernel import blobs, clock
from clinic.kernel.access import Scope
from clinic.kernel.db import db, transaction
from clinic.kernel.numbering import next_number
from clinic.kernel.pdf import render_pdf
from clinic.kernel.text import N_
from inventory.certificates.models import Certificate, CertificateEvent, Signature
from inventory.certificates.queries import NOTHING_BEFORE, told_by
from inventory.certificates.rules import (
    CLAUSE_TEXTS,
    SHORT,
    Document,
    NotSealed,
    Party,
    Standing,
    amount_in_words,
    digest,
    seal_text,
    written_number,
)


def issue(scope: Scope, document: Document, *, replaces: Certificate | None = None) -> Certificate:
    """Freeze what a certificate says, number it and chain it to the one before; its paper is printed afterwards.

    One that `replaces` another keeps its number, and the other is void. Numbers have no gaps: a transaction that rolls
    back gives its number back.
    """
    at = clock.now()
    year = clock.local(at).year
    number = replaces.number if replaces else written_number(year, next_number(f"certificate:{year}"))
    version = replaces.version + 1 if replaces else 1
    position = next_number("certificate")  # its row is held: of two who seal at once the second sees the first
    before = select(Certificate.sha256).where(Certificate.position == position - 1)
    previous = db.session.scalar(before) or NOTHING_BEFORE
    text = seal_text(document, number=number, version=version, previous=previous, at=at)
    certificate = Certificate(
        site_id=scope.site_id,
        position=position,
        number=number,
        version=version,
        text=text,
        sha256=digest(text),
        previous=previous,
        sealed_at=at,
        sealed_by_id=scope.user_id,
    )
    db.session.add(certificate)
    db.session.flush()
    return certificate


def render(certificate_id: int) -> None:
    """Print a certificate and keep its bytes, outside any transaction but for the last moment; once, however often.

    Killed before that moment, nothing is kept, and the next call prints it anew.
    """
    certificate = db.session.get_one(Certificate, certificate_id)
    if certificate.pdf_sha256 is not None:
        return
    paper = print_certificate(certificate)
    db.session.rollback()
    with transaction() as session:
        held = session.get_one(Certificate, certificate_id, with_for_update=True, populate_existing=True)
        if held.pdf_sha256 is None:
            held.pdf_sha256, held.rendered_at = blobs.keep(paper, media_type=blobs.PDF), clock.now()
            session.flush()


def print_certificate(certificate: Certificate) -> bytes:
    """Return a certificate as PDF in three languages, what was sealed attached to it as its data."""
    told = told_by(certificate)
    square = BytesIO()
    code = segno.make(check_url(certificate), error="m", micro=False)
    code.save(square, kind="svg", xmldecl=False, border=0, omitsize=True)
    return render_pdf(
        "certificates/certificate.pdf.html",
        is_archival=True,
        attached={f"{certificate.number}-v{certificate.version}.json": certificate.text.encode()},
        told=told,
        amount=written_amount,
        handed_over_on=f"{date.fromisoformat(told['handed_over_on']):%d.%m.%Y}",
        cents_of=worth_of,
        sha256=certificate.sha256,
        square=Markup(square.getvalue().decode()),  # noqa: S704 - drawn by us from our own address
        address=check_url(certificate),
        clauses=CLAUSE_TEXTS[told["clauses"]],
        words={language: amount_in_words(told["totals"]["eur"], language) for language in ("en", "tr", "ar")},
    )


def written_amount(amount: str | Decimal) -> str:
    """Return a sealed amount as the certificate prints it in every language: 14,900.00."""
    return f"{Decimal(amount):,.2f}"


def worth_of(lines: Iterable[Mapping[str, str]]) -> Decimal:
    """Return what sealed lines are worth together."""
    return sum((Decimal(line["line_eur"]) for line in lines), Decimal(0))


def check_url(certificate: Certificate) -> str:
    """Return the address at which anybody checks a certificate."""
    told = json.loads(certificate.text)
    return f"{told['check_address']}/check/{certificate.number}/{certificate.sha256[:SHORT]}"


def record_standing(scope: Scope, certificate: Certificate, standing: Standing, *, because: str = "") -> None:
    """Write down what became of a certificate."""
    db.session.add(
        CertificateEvent(
            certificate_id=certificate.id,
            sha256=certificate.sha256,
            standing=standing,
            because=because,
            at=clock.now(),
            by_id=scope.user_id,
        )
    )
    db.session.flush()


def sign(
    certificate: Certificate, *, party: Party, user_id: int, sha256: str, countersignature_id: int | None = None
) -> None:
    """Let somebody sign in the name of a party what was shown to them by its hash.

    Raises NotSealed where it has no paper yet, or the hash that was shown is another's.
    """
    if certificate.pdf_sha256 is None:
        raise NotSealed(N_("The certificate is not printed yet."))
    if sha256 != certificate.sha256:
        raise NotSealed(N_("What you saw is not what is sealed now. Open the certificate again."))
    db.session.add(
        Signature(
            certificate_id=certificate.id,
            sha256=sha256,
            party=party,
            user_id=user_id,
            countersignature_id=countersignature_id,
            at=clock.now(),
        )
    )
    db.session.flush()


def list_signers(certificate_id: int, party: Party) -> list[int]:
    """Return who has signed in the name of a party."""
    return list(
        db.session.scalars(
            select(Signature.user_id).where(Signature.certificate_id == certificate_id, Signature.party == party)
        )
    )


def count_signatures(certificate_id: int, party: Party) -> int:
    """Return how many have signed in the name of a party."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Signature)
            .where(Signature.certificate_id == certificate_id, Signature.party == party)
        )
        or 0
    )
