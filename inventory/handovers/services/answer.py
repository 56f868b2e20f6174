"""The receiver says of every line what is accepted."""

from collections.abc import Mapping

from clinic.auth.services import countersign
from clinic.kernel import clock
from clinic.kernel.access import Scope
from clinic.kernel.db import db
from clinic.kernel.text import N_
from clinic.sites.models import Organisation
from inventory.agreements.models import Agreement
from inventory.assets import services as assets
from inventory.certificates import services as certificates
from inventory.certificates.rules import Party, Standing
from inventory.handovers.models import LineAnswer
from inventory.handovers.queries import Line, list_lines
from inventory.handovers.rules import Act, AnotherPerson, Answer, NotReady, State, ensure_answer, next_state, outcome
from inventory.handovers.services.steps import get_certificate, go, hold_as_receiver

_STANDINGS = {State.ACCEPTED: Standing.ACCEPTED, State.PARTLY: Standing.PARTLY, State.REJECTED: Standing.REJECTED}


def answer(
    scope: Scope,
    key: str,
    answers: Mapping[str, Answer],
    *,
    username: str,
    secret: str,
    sha256: str,
    permission: str,
) -> State:
    """Say of every line what is accepted, with the second receiver's password; return what the batch came to.

    What is accepted is kept by the receiver from now on; the title stays with the project. Of a lot that is answered
    in parts, each part becomes a record. Raises NotFound, NoSuchStep, NotReady, AnotherPerson, CountersignRefused.
    """
    batch = hold_as_receiver(scope, key)
    next_state(batch.state, Act.ANSWER)
    lines = list_lines(batch, db.session.get_one(Agreement, batch.agreement_id))
    for one in lines:
        if one.line.key not in answers:
            raise NotReady(N_("A line has no answer yet."), field=f"accepted-{one.line.key}")
        ensure_answer(answers[one.line.key], one.line.quantity, field=f"accepted-{one.line.key}")
    second = countersign(scope, username=username, secret=secret, payload_hash=sha256, purpose=batch.name)
    if permission not in second.permissions:
        raise AnotherPerson(N_("That person does not sign for the receiver."), field="username")
    certificate = get_certificate(batch)
    certificates.sign(certificate, party=Party.RECEIVER, user_id=scope.user_id, sha256=sha256)
    certificates.sign(
        certificate, party=Party.RECEIVER, user_id=second.user_id, sha256=sha256, countersignature_id=second.id
    )
    receiver = db.session.get_one(Organisation, batch.receiver_id)
    for one in lines:
        told = answers[one.line.key]
        _keep(scope, one, told)
        assets.settle(
            one.asset,
            accepted=told.accepted,
            rejected=told.rejected,
            missing=told.missing,
            custodian=receiver.name_en,
            place=batch.place,
            because=f"{certificate.number} v{certificate.version}" + (f": {told.remark}" if told.remark else ""),
            by_id=scope.user_id,
        )
    became = outcome(list(answers.values()))
    certificates.record_standing(scope, certificate, _STANDINGS[became])
    go(scope, batch, Act.ANSWER, became)
    return became


def _keep(scope: Scope, one: Line, told: Answer) -> None:
    db.session.add(
        LineAnswer(
            line_id=one.line.id,
            user_id=scope.user_id,
            accepted=told.accepted,
            rejected=told.rejected,
            missing=told.missing,
            remark=told.remark,
            at=clock.now(),
        )
    )
