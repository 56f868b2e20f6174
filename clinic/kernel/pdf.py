"""Paper: labels, letters and reports as PDF, in the language spoken while they are made."""

from collections.abc import Mapping

from flask import current_app

from clinic.kernel.errors import DomainError

MISSING = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


class PdfUnavailable(DomainError):
    """This machine lacks the libraries that draw a PDF."""

    code = "pdf_unavailable"
    status = 503


def render_pdf(
    template: str, *, is_archival: bool = False, attached: Mapping[str, bytes] | None = None, **context: object
) -> bytes:
    """Return `template`, which extends paper.html, as a PDF; with `is_archival` as tagged PDF/A-3u.

    Files by their names in `attached` travel inside it.

    For paper in a patient's language call it inside `in_language()`, and never inside `transaction()`: it is slow.
    Raises PdfUnavailable where the system's libraries are missing.
    """
    # without what every screen gets: paper is also made by jobs, where nobody sits
    html = current_app.jinja_env.get_template(template).render(context)
    try:
        # the one import inside a function: it loads system libraries, and the product starts without them
        from clinic.kernel import paper  # noqa: PLC0415
    except OSError as error:
        current_app.logger.warning("no PDF can be made here; run: %s", MISSING)
        raise PdfUnavailable(
            "Nothing can be printed from this computer yet. The administrator finds what is missing in its log."
        ) from error
    return paper.draw(html, is_archival=is_archival, attached=attached or {})
