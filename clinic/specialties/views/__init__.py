"""The administrator's pages: the site, its rooms, and who practises what."""

from clinic.specialties.views import practice, rooms, site
from clinic.specialties.views.blueprint import blueprint

__all__ = ["blueprint", "practice", "rooms", "site"]
