"""The pages of the laboratory's bench."""

from clinic.lab.views import bench
from clinic.lab.views.blueprint import blueprint

__all__ = ["bench", "blueprint"]
