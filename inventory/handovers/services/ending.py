"""A batch ends before the receiver answers."""

from clinic.kernel.access import Scope
from inventory.certificates import services as certificates
from inventory.certificates.rules import Standing
from inventory.handovers.rules import Act, State, ensure_reason, next_state
from inventory.handovers.services.steps import ensure_unsigned, get_certificate, go, hold


def cancel(scope: Scope, key: str, *, because: str) -> None:
    """End a batch that nobody has signed. Raises NotFound, NoSuchStep, NotReady."""
    ensure_reason(because)
    batch = hold(scope, key)
    became = next_state(batch.state, Act.CANCEL)
    if batch.state is State.SEALED:
        ensure_unsigned(batch)
        certificates.record_standing(scope, get_certificate(batch), Standing.CANCELLED, because=because)
    go(scope, batch, Act.CANCEL, became, because)


def withdraw(scope: Scope, key: str, *, because: str) -> None:
    """Take a batch back before the receiver answers; its certificate stays, as withdrawn.

    Raises NotFound, NoSuchStep, NotReady.
    """
    ensure_reason(because)
    batch = hold(scope, key)
    became = next_state(batch.state, Act.WITHDRAW)
    certificates.record_standing(scope, get_certificate(batch), Standing.WITHDRAWN, because=because)
    go(scope, batch, Act.WITHDRAW, became, because)
