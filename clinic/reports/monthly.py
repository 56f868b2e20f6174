"""R1, the consultations of a month: its figures, its checks and its digest, ready for screen, paper and spreadsheet."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from clinic.kernel import clock, i18n, plots
from clinic.kernel.access import Scope
from clinic.kernel.i18n import _
from clinic.kernel.plots import Drawing, Scale
from clinic.reports import queries, words
from clinic.reports.rules import CELL, Beside, Check, Month, Tally, check, read_month
from clinic.reports.words import Table
from clinic.reports.workbook import Rows, Value, write_workbook
from clinic.sites.queries import get_site
from clinic.specialties.queries import list_specialties


@dataclass(frozen=True, kw_only=True)
class Report:
    """One month of one site; `names` are the specialties by code, `digest` is the same in every language."""

    id: str
    digest: str
    month: Month
    site_name: str
    names: Mapping[str, str]
    tally: Tally
    tables: Sequence[Table]
    beside: Sequence[tuple[str, str]]
    checks: Sequence[Check]
    made_at: datetime

    @property
    def failing(self) -> list[Check]:
        """Return the checks that do not hold."""
        return [one for one in self.checks if not one.holds]

    @property
    def drawing(self) -> Drawing:
        """Return the consultations of each day of the month as standing bars."""
        days = range(1, self.month.last.day + 1)
        counts = [self.tally.evenings[self.month.first.replace(day=day)] for day in days]
        scale = Scale.to(max(counts, default=0) or 1, write=i18n.number)
        return plots.histogram(counts, names=list(map(str, days)), y=scale, width=1100, height=170)

    @property
    def evenings(self) -> tuple[list[str], list[list[str]]]:
        """Return the same figures as a table."""
        rows = [[i18n.day(day), i18n.number(count)] for day, count in sorted(self.tally.evenings.items())]
        return [_("Evening"), _("Consultations")], rows


def read_report(scope: Scope, code: str) -> Report:
    """Return the report of a month by its code, 2026-11, in the language spoken here. Raises NoSuchMonth."""
    month, names, site = read_month(code), list_names(), get_site(scope)
    tally, beside = Tally(queries.list_consultations(scope, month)), queries.get_beside(scope, month)
    return Report(
        id=f"R1 {site.code} {month.code}",
        digest=_digest(site.code, month, tally, beside),
        month=month,
        site_name=getattr(site, f"name_{i18n.language()}"),
        names=names,
        tally=tally,
        tables=words.tables(tally, names),
        beside=words.beside(beside),
        checks=check(tally, beside),
        made_at=clock.now(),
    )


def list_names() -> Mapping[str, str]:
    """Return the specialties by code, in their order, as the page's language calls them."""
    return {one.code: getattr(one, f"name_{i18n.language()}") for one in list_specialties()}


def write_spreadsheet(report: Report) -> bytes:
    """Return a report as a workbook: its tables, every combination that occurs, what stands beside, checks, words."""
    lists: list[tuple[str, Rows]] = [
        (_("Every combination"), _combinations(report)),
        (_("Beside"), [[_("Beside the consultations"), ""], *report.beside]),
        (_("Checks"), _check_rows(report)),
        (_("Definitions"), [[_("Word"), _("What is counted")], *words.definitions()]),
        (_("This file"), [[_("Report"), report.id], [_("SHA-256 of the figures"), report.digest]]),
    ]
    return write_workbook(f"{report.id} · {report.site_name}", report.tables, lists)


def _combinations(report: Report) -> Rows:
    rows: list[list[Value]] = [[_("Specialty"), _("Sex"), _("Age"), _("Case"), _("Nationality"), _("Consultations")]]
    for cell, count in sorted(report.tally.cells.items()):
        told = (words.facet_words(facet, value, report.names) for facet, value in zip(CELL, cell, strict=True))
        rows.append([*told, count])
    return rows


def _check_rows(report: Report) -> Rows:
    rows: list[list[Value]] = [[_("Check"), "", "", "", _("Holds")]]
    rows += [
        [_(one.words), one.left, one.relation, one.right, _("yes") if one.holds else _("NO")] for one in report.checks
    ]
    return rows


def _digest(site_code: str, month: Month, tally: Tally, beside: Beside) -> str:
    """Return what two copies of one report are compared by: the SHA-256 of its figures."""
    figures = {
        "site": site_code,
        "month": month.code,
        "cells": sorted([*cell, count] for cell, count in tally.cells.items()),
        "persons": tally.persons(),
        "served": [beside.persons, beside.new_persons],
        "beside": [beside.visits, beside.left_unseen, beside.still_open, beside.abandoned],
        "nursing": dict(beside.nursing),
    }
    return sha256(json.dumps(figures, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
