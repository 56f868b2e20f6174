"""Reads of tonight's visits, of places in queues and of what was measured, all within the caller's site."""

from clinic.visits.queries.banner import Banner, Namesake, banner, banner_of
from clinic.visits.queries.begun import WRITTEN, Begun, gather, list_begun
from clinic.visits.queries.interpreting import Speaker, list_speakers
from clinic.visits.queries.places import (
    PlaceRow,
    Stop,
    board,
    board_of,
    find_open_visit,
    get_place,
    get_visit,
    get_visit_by_id,
    has_open_place,
    list_places,
    list_served,
    list_stops,
)
from clinic.visits.queries.tonight import LastVisit, Queue, Tonight, list_last_visits, tonight
from clinic.visits.queries.vitals import Reading, Vitals, find_weight, latest_vitals

__all__ = [
    "WRITTEN",
    "Banner",
    "Begun",
    "LastVisit",
    "Namesake",
    "PlaceRow",
    "Queue",
    "Reading",
    "Speaker",
    "Stop",
    "Tonight",
    "Vitals",
    "banner",
    "banner_of",
    "board",
    "board_of",
    "find_open_visit",
    "find_weight",
    "gather",
    "get_place",
    "get_visit",
    "get_visit_by_id",
    "has_open_place",
    "latest_vitals",
    "list_begun",
    "list_last_visits",
    "list_places",
    "list_served",
    "list_speakers",
    "list_stops",
    "tonight",
]
