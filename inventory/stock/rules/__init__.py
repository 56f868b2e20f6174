"""What may move in stock, which lot goes first, how an expiry is read. Pure."""

from inventory.stock.rules.expiry import UnreadableExpiry, read_expiry
from inventory.stock.rules.fefo import Pick, Plan, Shelved, plan_first_to_expire
from inventory.stock.rules.kinds import BatchStatus, Kind, PlaceKind, Reason
from inventory.stock.rules.refusals import DeliveryRefused, Expired, NotIssuable, Recalled, Short, StockRefusal

__all__ = [
    "BatchStatus",
    "DeliveryRefused",
    "Expired",
    "Kind",
    "NotIssuable",
    "Pick",
    "PlaceKind",
    "Plan",
    "Reason",
    "Recalled",
    "Shelved",
    "Short",
    "StockRefusal",
    "UnreadableExpiry",
    "plan_first_to_expire",
    "read_expiry",
]
