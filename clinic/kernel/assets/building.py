"""Gather everything a browser asks for into one folder, each file named by its content and packed beforehand."""

import gzip
import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import brotli
import rjsmin

from clinic.kernel.assets import fonts, icons, sheet, sources

MANIFEST = "assets.json"
PICTURE = "picture.svg"  # many, told apart by their content alone
_OUR_SHEETS = ("fonts.css", "tokens.css", "shell.css", "desk.css", "plot.css", "print.css")
_PACKED = {".css", ".js", ".svg"}
_STAMP_LENGTH = 12


class CannotBuild(Exception):
    """The look names a file that is not there; the message says which."""


class Kit:
    """What has been gathered so far: the bytes by their final name, and that name by the asset's own."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.names: dict[str, str] = {}

    def add(self, name: str, data: bytes) -> str:
        """Keep `data` and return the name that its content gives it."""
        stem, dot, ending = name.rpartition(".")
        final = f"{stem}.{hashlib.sha256(data).hexdigest()[:_STAMP_LENGTH]}{dot}{ending}"
        self.files[final] = data
        self.names[final if name == PICTURE else name] = final
        return final

    def place(self, name: str, picture: bytes | None = None) -> str:
        """Return the final name of what a sheet's url() means; a picture from inside the sheet becomes a file."""
        if picture is not None:
            return self.add(PICTURE, picture)
        if name not in self.names:
            raise CannotBuild(f"a style sheet names {name}, which is neither ours nor a font")
        return self.names[name]


def build(instance: Path) -> dict[str, str]:
    """Write `<instance>/static` where it is missing or out of date; return the file name of every asset.

    The same sources give the same bytes and names. Raises CannotBuild or NoSuchIcon where a named file is missing.
    """
    folder, stamp = instance / "static", _stamp()
    if names := _built(folder, stamp):
        return names
    kept = fonts.cache_dir(instance) / f"static-{stamp}"
    if not _built(kept, stamp):
        _write(_gathered(fonts.cache_dir(instance)), kept, stamp)
    return _copied(kept, folder)


def _gathered(cache: Path) -> Kit:
    kit = Kit()
    for name, face in fonts.web_faces(cache).items():
        kit.add(name, face)
    for path in sorted(sources.OWN.glob("*.svg")):
        kit.add(path.name, path.read_bytes())
    kit.add("icons.svg", icons.sprite().encode())
    ours = "".join((sources.OWN / name).read_text(encoding="utf-8") for name in _OUR_SHEETS)
    for name, path in sources.BOOTSTRAP.items():
        text = sheet.joined(path.read_text(encoding="utf-8"), ours, place=kit.place)
        kit.add(name, text.encode())
    for name, path in sources.SCRIPTS.items():
        kit.add(name, sheet.without_source_map(path.read_text(encoding="utf-8")).encode())
    for path in sorted(sources.OWN.glob("*.js")):
        kit.add(path.name, rjsmin.jsmin(path.read_text(encoding="utf-8")).encode())
    return kit


def _write(kit: Kit, folder: Path, stamp: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in kit.files.items():
        fonts.write_whole(folder / name, data)
        if Path(name).suffix in _PACKED:
            fonts.write_whole(folder / f"{name}.br", brotli.compress(data, quality=11))
            fonts.write_whole(folder / f"{name}.gz", gzip.compress(data, compresslevel=9, mtime=0))
    manifest = json.dumps({"stamp": stamp, "names": kit.names}, indent=1, sort_keys=True)
    fonts.write_whole(folder / MANIFEST, manifest.encode())  # last: whoever reads it finds every file it names


def _copied(kept: Path, folder: Path) -> dict[str, str]:
    _stamp_before, before = _manifest(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(kept.iterdir(), key=lambda path: path.name == MANIFEST):
        if path.name == MANIFEST or not (folder / path.name).exists():
            fonts.write_whole(folder / path.name, path.read_bytes())
    _stamp_now, names = _manifest(folder)
    _sweep(folder, wanted={*before.values(), *names.values(), MANIFEST})
    return names


def _sweep(folder: Path, *, wanted: set[str]) -> None:
    # the set before this one stays: pages that are open still ask for it
    for path in folder.iterdir():
        if path.name.removesuffix(".br").removesuffix(".gz") not in wanted:
            path.unlink() if path.is_file() else shutil.rmtree(path)


def _built(folder: Path, stamp: str) -> dict[str, str]:
    found, names = _manifest(folder)
    return names if found == stamp and all((folder / name).is_file() for name in names.values()) else {}


def _manifest(folder: Path) -> tuple[str, dict[str, str]]:
    path = folder / MANIFEST
    if not path.is_file():
        return "", {}
    manifest = json.loads(path.read_text(encoding="utf-8"))
    return manifest["stamp"], manifest["names"]


def _stamp() -> str:
    digest = hashlib.sha256()
    for path in sorted(_inputs()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:_STAMP_LENGTH]


def _inputs() -> Iterator[Path]:
    yield from Path(__file__).parent.glob("*.py")  # the recipe itself
    yield from (path for path in sources.OWN.rglob("*") if path.is_file())
    yield from sources.BOOTSTRAP.values()
    yield from sources.SCRIPTS.values()
    yield from icons.symbols().values()
    yield from fonts.inputs()
