"""Giver and custodian sign what is sealed."""

from collections.abc import Mapping, Sequence

from clinic.auth.services import countersign
from clinic.kernel.access import Scope
from clinic.kernel.text import N_
from inventory.certificates import services as certificates
from inventory.certificates.rules import Party
from inventory.handovers.models import Batch
from inventory.handovers.rules import Act, AnotherPerson, ensure_other, next_state
from inventory.handovers.services.steps import get_certificate, go, hold


def sign(scope: Scope, key: str, *parties: Party, sha256: str) -> None:
    """Sign a sealed batch by one's own account, in the name of the first of `parties` that has not signed.

    Raises NotFound, NoSuchStep, NotSealed, AnotherPerson.
    """
    _sign(scope, hold(scope, key), parties, user_id=scope.user_id, sha256=sha256)


def sign_beside(
    scope: Scope, key: str, parties: Mapping[str, Party], *, username: str, secret: str, sha256: str
) -> None:
    """Let the giver or the custodian sign at a colleague's PC, with their own password; `parties` by permission.

    Raises NotFound, NoSuchStep, NotSealed, AnotherPerson, CountersignRefused.
    """
    batch = hold(scope, key)
    second = countersign(scope, username=username, secret=secret, payload_hash=sha256, purpose=batch.name)
    theirs = [party for name, party in parties.items() if name in second.permissions]
    if not theirs:
        raise AnotherPerson(N_("That person signs neither for the giver nor for the custodian."), field="username")
    _sign(scope, batch, theirs, user_id=second.user_id, sha256=sha256, countersignature_id=second.id)


def _sign(
    scope: Scope,
    batch: Batch,
    parties: Sequence[Party],
    *,
    user_id: int,
    sha256: str,
    countersignature_id: int | None = None,
) -> None:
    became = next_state(batch.state, Act.SIGN)
    certificate = get_certificate(batch)
    signers = {party: certificates.list_signers(certificate.id, party) for party in (Party.GIVER, Party.CUSTODIAN)}
    party = next((each for each in parties if not signers[each]), None)
    if party is None:
        raise AnotherPerson(N_("That party has signed already."))
    ensure_other(user_id, *(signer for each in signers.values() for signer in each))
    certificates.sign(certificate, party=party, user_id=user_id, sha256=sha256, countersignature_id=countersignature_id)
    signers[party] = [user_id]
    go(scope, batch, Act.SIGN, became if all(signers.values()) else batch.state)
