"""Reads of the laboratory: the catalogue, the bench's work, and what was found about a person."""

from clinic.lab.queries.bench import (
    OrderRow,
    RequestRow,
    ResultRow,
    SpecimenRow,
    Unread,
    Worklist,
    count_unread,
    ensure_part,
    get_order,
    get_request,
    list_chart_orders,
    list_open_orders,
    list_orders,
    list_unfinished,
    list_unread,
    worklist,
)
from clinic.lab.queries.catalogue import list_tests

__all__ = [
    "OrderRow",
    "RequestRow",
    "ResultRow",
    "SpecimenRow",
    "Unread",
    "Worklist",
    "count_unread",
    "ensure_part",
    "get_order",
    "get_request",
    "list_chart_orders",
    "list_open_orders",
    "list_orders",
    "list_tests",
    "list_unfinished",
    "list_unread",
    "worklist",
]
