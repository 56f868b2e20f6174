"""The page on which anybody checks a certificate: no names, no serial numbers, the same answer to every wrong code."""

import hashlib

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from clinic.kernel import blobs
from clinic.kernel.access import public
from clinic.kernel.errors import NotFound
from clinic.kernel.fields import DeskForm
from clinic.kernel.text import N_
from clinic.kernel.uploads import takes_files
from inventory.certificates.queries import Checked, find_checked

blueprint = Blueprint("certificates", __name__, url_prefix="/check")


@blueprint.get("/<number>/<code>")
@public
def check(number: str, code: str) -> ResponseReturnValue:
    """Say what a certificate is worth today."""
    return _page(_get(number, code))


@blueprint.post("/<number>/<code>")
@public
@takes_files
def compare(number: str, code: str) -> ResponseReturnValue:
    """Say whether a file is the sealed document, byte for byte."""
    form, found = DeskForm(), _get(number, code)
    sent = request.files.get("paper")
    data = sent.stream.read(blobs.MOST_BYTES + 1) if sent is not None and form.validate() else b""
    matches = bool(data and hashlib.sha256(data).hexdigest() == found.pdf_sha256)
    return _page(found, "same" if matches else "other" if data else "none")


def _get(number: str, code: str) -> Checked:
    found = find_checked(number, code)
    if found is None:
        raise NotFound(
            N_("No certificate has this number and this code. Look at both again, or ask whoever gave it to you.")
        )
    return found


def _page(found: Checked, compared: str = "") -> ResponseReturnValue:
    return render_template("certificates/check.html", found=found, compared=compared, form=DeskForm(formdata=None))
