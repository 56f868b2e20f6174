"""Acts of the laboratory: from the list of tests to a result that the doctor has read."""

from clinic.lab.services.catalogue import CatalogueImport, import_tests
from clinic.lab.services.orders import cancel, collect, order_tests, receive, reject
from clinic.lab.services.results import correct, enter, record_call, record_reading, verify

__all__ = [
    "CatalogueImport",
    "cancel",
    "collect",
    "correct",
    "enter",
    "import_tests",
    "order_tests",
    "receive",
    "record_call",
    "record_reading",
    "reject",
    "verify",
]
