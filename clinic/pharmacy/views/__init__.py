"""The pharmacist's pages: the queue, one prescription at the counter, labels, what is owed."""

from clinic.pharmacy.views import counter, papers
from clinic.pharmacy.views.blueprint import blueprint

__all__ = ["blueprint", "counter", "papers"]
