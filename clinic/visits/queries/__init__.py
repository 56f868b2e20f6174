"""Reads of tonight's visits and of places in queues, all within the caller's site."""

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

__all__ = [
    "PlaceRow",
    "Stop",
    "board",
    "find_open_visit",
    "get_place",
    "get_visit",
    "has_open_place",
    "list_places",
    "list_served",
    "list_stops",
]
