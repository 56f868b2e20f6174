"""What the desk shows: the person, the history beside the note, what is chosen, what is found, what is ordered."""

from dataclasses import dataclass
from typing import Any

from clinic.chart.rules import Known
from clinic.consultations import forms, queries, services
from clinic.consultations.queries import Desk
from clinic.consultations.rules import CaseType, ChartClosed, Content
from clinic.consultations.views.basket import Basket, checked, read_lines
from clinic.consultations.views.rail import read_rail
from clinic.consultations.views.vitals import tonight
from clinic.kernel import i18n
from clinic.kernel.access import Scope, scope
from clinic.kernel.audit import record_read
from clinic.lab.queries import list_chart_orders
from clinic.patients.queries import chart_ids, chart_of
from clinic.pharmacy.queries import known_allergies, list_lasting, pregnancy_of, read_taker, search_formulary
from clinic.pharmacy.rules import Taker
from clinic.visits import words
from clinic.visits.queries import Banner, banner_of, latest_vitals
from clinic.visits.rules import Vital


@dataclass(frozen=True)
class Chosen:
    """A diagnosis on the desk with its title in the page's language; no title where the list has lost the code."""

    code: str
    title: str
    case_type: CaseType


def open_desk(visit_key: str) -> Desk:
    """Return the desk of a visit; a chart that stays closed is on record as asked for."""
    try:
        return services.open_desk(scope(), visit_key)
    except ChartClosed:
        record_read("CHART", queries.get_desk(scope(), visit_key).person.key, act="REFUSED")
        raise


def read_page(mine: Scope, desk: Desk, form: forms.NoteForm, content: Content) -> dict[str, Any]:
    """Return all that the page of a desk needs."""
    chart = chart_ids(mine, desk.person.id)
    vitals = latest_vitals(mine, chart, desk.visit.id)
    who = banner_of(mine, desk.visit, desk.person, chart, vitals.last(Vital.WEIGHT))
    basket = checked(read_lines(content), _taker(who), list_lasting(chart)) if content.lines else Basket()
    basket.show_problems(form)
    sought = content.seeking.get("medicine", "")
    orders, unread = list_chart_orders(mine, chart)
    laboratory = [one for one in orders if one.visit_id == desk.visit.id]
    return {
        "desk": desk,
        "form": form,
        "content": content,
        "said": words.banner_words(who),
        "rail": read_rail(mine, point_id=desk.point_id, here=desk.visit.key, unread=unread),
        "call_form": forms.CallForm(),
        "vitals": tonight(vitals, who.age),
        "earlier": queries.list_earlier(chart, i18n.language(), but=desk.consultation),
        "laboratory": laboratory,
        "readings": forms.reading_forms(laboratory, mine.user_id),
        "examined_before": [one for one in reversed(orders) if one.visit_id != desk.visit.id],
        "basket": basket,
        "drugs": search_formulary(mine, sought) if sought else None,
        **read_diagnoses(desk, content),
    }


def read_diagnoses(desk: Desk, content: Content) -> dict[str, Any]:
    """Return the diagnoses chosen, those at hand, and what the words in the search box find."""
    language, specialty = i18n.language(), desk.specialty_code or ""
    picks, titles = queries.list_picks(specialty, language, chosen=[one.code for one in content.diagnoses])
    sought = content.seeking.get("diagnosis", "")
    return {
        "chosen": [Chosen(one.code, titles.get(one.code, ""), one.case_type) for one in content.diagnoses],
        "picks": picks,
        "hits": queries.search_icd(sought, language, specialty) if sought else None,
    }


def read_basket(mine: Scope, desk: Desk, content: Content) -> Basket:
    """Return the basket alone, checked anew."""
    if not content.lines:
        return Basket()
    lines = read_lines(content)
    taker = read_taker(mine, desk.person, [line.medicine for line in lines if line.medicine])
    return checked(lines, taker, list_lasting(chart_of(mine, desk.person.id)))


def _taker(who: Banner) -> Taker:
    """Return what the checks ask of a person, as the banner knows it."""
    return Taker(
        allergies=known_allergies(who.allergies),
        asked_allergies=who.allergies.known is Known.ABSENT,
        **pregnancy_of(who.pregnancy),
        months_at_least=who.age.months_at_least if who.age else None,
        months_at_most=who.age.months_at_most if who.age else None,
        weight_g=who.weight.value if who.weight else None,
        is_weight_old=who.is_weight_old,
    )
