"""The only ways in which stock changes; `posting.post` alone writes movements."""

from inventory.stock.rules import Pick as Taken
from inventory.stock.services.blocks import block, unblock
from inventory.stock.services.issues import issue
from inventory.stock.services.items import ItemFacts, find_changed, save_items
from inventory.stock.services.ledger import record_check
from inventory.stock.services.places import open_places
from inventory.stock.services.posting import Heading, Line, post
from inventory.stock.services.receipts import Delivered, receive
from inventory.stock.services.stocklist import StockImport, import_stock

__all__ = [
    "Delivered",
    "Heading",
    "ItemFacts",
    "Line",
    "StockImport",
    "Taken",
    "block",
    "find_changed",
    "import_stock",
    "issue",
    "open_places",
    "post",
    "receive",
    "record_check",
    "save_items",
    "unblock",
]
