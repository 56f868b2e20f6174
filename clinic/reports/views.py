"""Reports: a month's consultations on screen, on paper and as a spreadsheet, each figure opening its rows."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic.auth.roles import Permission
from clinic.evening.rules import SPHERE_CEILING
from clinic.kernel import clock, i18n
from clinic.kernel.access import require, scope, subject
from clinic.kernel.audit import record_read
from clinic.kernel.paging import SIZE
from clinic.kernel.pdf import render_pdf
from clinic.reports import queries, words
from clinic.reports.monthly import list_names, read_report, write_spreadsheet
from clinic.reports.rules import FACETS, chosen, month_of, read_month

blueprint = Blueprint("reports", __name__, url_prefix="/reports")
REPORT = "report"
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("")
@require(Permission.REPORT_READ)
def index() -> ResponseReturnValue:
    """Lead to the report of this month."""
    return redirect(url_for("reports.consultations", month=month_of(clock.today()).code))


@blueprint.get("/consultations/<month>")
@require(Permission.REPORT_READ)
def consultations(month: str) -> ResponseReturnValue:
    """Show a month's consultations with the checks that prove them."""
    report = read_report(scope(), month)
    return render_template(
        "reports/consultations.html",
        report=report,
        months=queries.list_months(scope()),
        overloaded=report.tally.overloaded_days(SPHERE_CEILING),
        ceiling=SPHERE_CEILING,
        definitions=words.definitions(),
    )


@blueprint.get("/consultations/<month>/rows")
@require(Permission.REPORT_READ)
def rows(month: str) -> ResponseReturnValue:
    """Show the consultations behind one figure, without a name: visit numbers, and what each counts as."""
    period, names = read_month(month), list_names()
    wanted = {facet: value for facet, value in request.args.items() if facet in FACETS}
    found = chosen(queries.list_consultations(scope(), period), wanted)
    start = max(0, request.args.get("from", 0, type=int))
    record_read(REPORT, f"R1 {period.code}", {"rows": sorted(wanted)})
    return render_template(
        "reports/rows.html",
        month=period,
        found=found[start : start + SIZE],
        count=len(found),
        start=start,
        next_start=start + SIZE if start + SIZE < len(found) else None,
        wanted=wanted,
        says=i18n.listed(words.facet_words(facet, value, names) for facet, value in wanted.items()),
        names=names,
        facet_words=words.facet_words,
    )


@blueprint.get("/consultations/<month>.xlsx")
@require(Permission.REPORT_READ)
def spreadsheet(month: str) -> ResponseReturnValue:
    """Give a month as a spreadsheet; the export is on record."""
    report = read_report(scope(), month)
    record_read(REPORT, report.id, act="EXPORT")
    return _file(write_spreadsheet(report), _SPREADSHEET, f"R1-{report.month.code}.xlsx", "attachment")


@blueprint.get("/consultations/<month>.pdf")
@require(Permission.REPORT_READ)
def paper(month: str) -> ResponseReturnValue:
    """Give a month on paper; the print is on record."""
    report = read_report(scope(), month)
    record_read(REPORT, report.id, act="PRINT")
    pdf = render_pdf(
        "reports/consultations.pdf.html", report=report, definitions=words.definitions(), is_demo=subject().is_demo
    )
    return _file(pdf, "application/pdf", f"R1-{report.month.code}.pdf", "inline")


def _file(data: bytes, kind: str, name: str, how: str) -> Response:
    return Response(data, mimetype=kind, headers={"Content-Disposition": f'{how}; filename="{name}"'})
