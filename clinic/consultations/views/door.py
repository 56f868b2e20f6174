"""The blueprint that the doctor's pages share, and how they lead on."""

import re
from datetime import datetime

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from clinic.kernel import clock
from clinic.pharmacy import words as medicine_words
from inventory.stock import words as stock_words

_TAIL = re.compile(r"\s*[,،\[(]")

blueprint = Blueprint("consultations", __name__, url_prefix="/desk")


@blueprint.app_template_filter("clock_seconds")
def clock_seconds(instant: datetime) -> str:
    """Return an instant as 18:58:41 on the clinic's wall clock: when a draft was kept."""
    return f"{clock.local(instant):%H:%M:%S}"


@blueprint.app_template_filter("short_title")
def short_title(title: str) -> str:
    """Return a diagnosis as a chip offers it: up to the first comma or bracket, "Acute tonsillitis"."""
    return _TAIL.split(title, maxsplit=1)[0]


@blueprint.context_processor
def say() -> dict[str, object]:
    """Give the doctor's pages the words of medicines and of stock."""
    return {"medicine_words": medicine_words, "stock_words": stock_words}


def lead(place: str) -> ResponseReturnValue:
    """Lead on to another page: a redirect, or for htmx the header that makes the browser go there."""
    if "HX-Request" in request.headers:
        return "", 200, {"HX-Redirect": place}
    return redirect(place, 303)
