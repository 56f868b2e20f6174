"""The pages of the registrar's desk."""

from clinic.registration.views import check_in, family, finding, new_person, record
from clinic.registration.views.desk import blueprint

__all__ = ["blueprint", "check_in", "family", "finding", "new_person", "record"]
