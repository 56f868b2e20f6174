"""The door, the locked screen, one's own account, the administrator's accounts, badges and the PCs that they open."""

from clinic.auth.views import accounts, badges
from clinic.auth.views.blueprint import blueprint

__all__ = ["accounts", "badges", "blueprint"]
