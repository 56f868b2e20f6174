"""Where the build reads from: three wheels of front-end files, the font wheels, and our own folder."""

from importlib.resources import files
from pathlib import Path

OWN = Path(__file__).resolve().parents[2] / "static"


def _in_wheel(package: str, *parts: str) -> Path:
    return Path(str(files(package).joinpath(parts[0]))).joinpath(*parts[1:])


BOOTSTRAP = {
    "sheet.css": _in_wheel("bootstrap", "css", "bootstrap.min.css"),
    "sheet.rtl.css": _in_wheel("bootstrap", "css", "bootstrap.rtl.min.css"),
}
SCRIPTS = {
    "bootstrap.js": _in_wheel("bootstrap", "js", "bootstrap.bundle.min.js"),
    "htmx.js": _in_wheel("js_lib_htmx", "static", "htmx", "htmx.min.js"),
}
# never `js_lib_bootstrap_icons.apps`: it needs Django
ICONS = _in_wheel("js_lib_bootstrap_icons", "static", "bootstrap-icons")
LATIN = _in_wheel("fontpkg_ibm_plex_sans", "files", "IBMPlexSans[wdth,wght].ttf")
ARABIC = {
    400: _in_wheel("fontpkg_ibm_plex_sans_arabic", "files", "IBMPlexSansArabic-Regular.ttf"),
    600: _in_wheel("fontpkg_ibm_plex_sans_arabic", "files", "IBMPlexSansArabic-SemiBold.ttf"),
}
AMIRI = {
    400: _in_wheel("fontpkg_amiri", "files", "Amiri-Regular.ttf"),
    700: _in_wheel("fontpkg_amiri", "files", "Amiri-Bold.ttf"),
}
