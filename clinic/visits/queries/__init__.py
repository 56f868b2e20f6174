"""Reads of tonight's visits, of places in queues and of what was measured, all within the caller's site."""

from clinic.visits.queries.banner import Banner, Namesake, banner, banner_of
from clinic.visits.queries.places import (
    PlaceRow,
    Stop,
    board,
    find_open_visit,
    get_place,
    get_visit,
    has_open_place,
    list_places,
    list_served,
    list_stops,
)
from clinic.visits.queries.vitals import Reading, Vitals, find_weight, latest_vitals

__all__ = [
    "Banner",
    "Namesake",
    "PlaceRow",
    "Reading",
    "Stop",
    "Vitals",
    "banner",
    "banner_of",
    "board",
    "find_open_visit",
    "find_weight",
    "get_place",
    "get_visit",
    "has_open_place",
    "latest_vitals",
    "list_places",
    "list_served",
    "list_stops",
]
