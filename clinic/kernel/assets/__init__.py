"""Style sheets, scripts, symbols and fonts: gathered once from the installed wheels and our own few files.

A page comes with nothing from elsewhere. What the build writes is named by its content, so that browsers may keep it.
"""

from clinic.kernel.assets.building import CannotBuild, build
from clinic.kernel.assets.fonts import PdfFont, pdf_fonts
from clinic.kernel.assets.serve import init_app

__all__ = ["CannotBuild", "PdfFont", "build", "init_app", "pdf_fonts"]
