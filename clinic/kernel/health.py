"""Whether this installation can serve: for the machine that watches it, without signing in."""

from contextlib import suppress

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from clinic.kernel import guards, migrating
from clinic.kernel.access import public
from clinic.kernel.db import db

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
@public
def health() -> ResponseReturnValue:
    """Say whether the database answers, stands at this code's revision, and holds every guard: 200, or 503."""
    found = {"database": False, "migration": False, "guards": False}
    with suppress(DBAPIError, PoolTimeout), db.engine.connect() as connection:
        found["database"] = connection.exec_driver_sql("SELECT 1").scalar_one() == 1
        found["migration"] = migrating.is_current(connection)
        found["guards"] = not guards.missing(connection)
    return jsonify(found), 200 if all(found.values()) else 503
