import pytest
from sqlalchemy import select

from clinic.kernel.clock import now
from clinic.kernel.db import db, transaction, writing
from clinic.kernel.operations import Operation

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("context")]


def an_operation(key: str) -> Operation:
    return Operation(user_id=1, action="test", key=key, digest="", at=now())


def test_what_is_done_in_a_transaction_is_kept_and_what_is_refused_is_not() -> None:
    with transaction() as session:
        assert writing()
        session.add(an_operation("kept"))
    with pytest.raises(ZeroDivisionError), transaction() as session:
        session.add(an_operation("lost"))
        session.flush()
        1 / 0  # noqa: B018
    assert not writing()
    assert db.session.scalars(select(Operation.key)).all() == ["kept"]
