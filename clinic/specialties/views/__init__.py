"""The administrator's pages: the rooms of the site, and who practises what."""

from clinic.specialties.views import practice, rooms
from clinic.specialties.views.blueprint import blueprint

__all__ = ["blueprint", "practice", "rooms"]
