"""The built look: the same bytes each time, nothing from elsewhere, light enough for the clinic's line."""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.kernel import assets
from clinic.kernel.assets import building, fonts, icons, sheet, sources

# as the projects themselves publish them: getbootstrap.com (5.3.8), htmx.org (2.0.3)
PUBLISHED = {
    sources.BOOTSTRAP["sheet.css"]: "sRIl4kxILFvY47J16cr9ZwB07vP4J8+LH7qKQnuqkuIAvNWLzeN8tE5YBujZqJLB",
    sources.BOOTSTRAP["sheet.rtl.css"]: "CfCrinSRH2IR6a4e6fy2q6ioOX7O6Mtm1L9vRvFZ1trBncWmMePhzvafv7oIcWiW",
    sources.SCRIPTS["bootstrap.js"]: "FKyoEForCGlyvwx9Hj09JcYn3nv7wiPVlz7YYwJrWVcXK/BmnVDxM+D2scQbITxI",
    sources.SCRIPTS["htmx.js"]: "0895/pl2MU10Hqc6jd4RvrthNlDiE9U1tWmX7WRESftEDRosgxNsQG/Ze9YMRzHq",
}


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    assets.build(folder)
    return folder


@pytest.fixture
def served(instance: Path) -> Iterator[FlaskClient]:
    app = Flask("served", instance_path=str(instance), static_folder=None)
    assets.init_app(app)
    with app.app_context():
        yield app.test_client()


def built(instance: Path, name: str, packed: str = "") -> bytes:
    return (instance / "static" / (assets.build(instance)[name] + packed)).read_bytes()


@pytest.mark.parametrize(("path", "digest"), PUBLISHED.items(), ids=lambda value: getattr(value, "name", ""))
def test_the_wheels_carry_what_the_projects_publish(path: Path, digest: str) -> None:
    assert base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode() == digest


def test_two_builds_give_the_same_names_and_bytes(
    instance: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "cache" / "sifa").mkdir(parents=True)
    for path in (Path.home() / ".cache" / "sifa").glob("static_latin-*"):
        (tmp_path / "cache" / "sifa" / path.name).write_bytes(path.read_bytes())
    assets.build(tmp_path)
    once, again = instance / "static", tmp_path / "static"
    assert {path.name: path.read_bytes() for path in once.iterdir()} == {
        path.name: path.read_bytes() for path in again.iterdir()
    }


@pytest.mark.heavy
def test_the_cut_of_a_variable_font_is_the_same_each_time() -> None:
    assert fonts._static_latin(sources.LATIN, 400) == fonts._static_latin(sources.LATIN, 400)


def test_a_build_that_is_up_to_date_is_left_alone(instance: Path) -> None:
    manifest = instance / "static" / building.MANIFEST
    before = manifest.stat().st_mtime_ns
    assets.build(instance)
    assert manifest.stat().st_mtime_ns == before


def test_a_changed_source_is_built_anew_and_the_set_before_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = assets.build(tmp_path)
    own = tmp_path / "own"
    own.mkdir()
    for path in sources.OWN.rglob("*"):
        if path.is_file():
            target = own / path.relative_to(sources.OWN)
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(path.read_bytes())
    monkeypatch.setattr(sources, "OWN", own)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for cut in (Path.home() / ".cache" / "sifa").glob("*.font"):
        (tmp_path / "cache" / "sifa").mkdir(parents=True, exist_ok=True)
        (tmp_path / "cache" / "sifa" / cut.name).write_bytes(cut.read_bytes())
    kept: list[dict[str, str]] = [first]
    for rule in (".one{color:red}", ".two{color:red}"):
        with (own / "shell.css").open("a") as ours:
            ours.write(rule)
        kept.append(assets.build(tmp_path))
    there = {path.name for path in (tmp_path / "static").iterdir()}
    assert kept[2]["sheet.css"] != kept[1]["sheet.css"] != first["sheet.css"]
    assert {kept[1]["sheet.css"], kept[2]["sheet.css"], kept[2]["sheet.css"] + ".br"} <= there
    assert first["sheet.css"] not in there


def test_a_style_sheet_that_names_a_missing_file_is_refused() -> None:
    with pytest.raises(assets.CannotBuild, match=r"lost\.svg"):
        building.Kit().place("lost.svg")


def test_a_symbol_is_silent_and_carries_its_classes(served: FlaskClient) -> None:
    icon = served.application.jinja_env.globals["icon"]
    drawn = icon("arrow-left", "flips")  # type: ignore[operator]  # a global is any object
    assert 'class="icon flips" aria-hidden="true"' in drawn
    assert drawn.endswith('#arrow-left"></use></svg>')


def test_an_icon_that_no_file_draws_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, instance: Path) -> None:
    app = Flask("icons", instance_path=str(instance), static_folder=None)
    assets.init_app(app)
    with pytest.raises(icons.NoSuchIcon, match="stethoscope"):
        app.jinja_env.globals["icon"]("stethoscope")  # type: ignore[operator]  # a global is any object
    monkeypatch.setattr(sources, "OWN", tmp_path)
    (tmp_path / "icons.txt").write_text("search\nflask\n")
    with pytest.raises(icons.NoSuchIcon, match="flask"):
        icons.symbols()


def test_a_drawing_without_a_view_box_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "OWN", tmp_path)
    (tmp_path / "icons.txt").write_text("search\n")
    (tmp_path / "symbols").mkdir()
    (tmp_path / "symbols" / "mine.svg").write_text("<svg><path/></svg>")
    with pytest.raises(icons.NoSuchIcon, match=r"mine\.svg"):
        icons.sprite()


def test_a_cache_that_cannot_be_written_gives_way_to_the_instance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert fonts.cache_dir(tmp_path / "instance") == tmp_path / "instance" / "cache"


@pytest.mark.parametrize("name", ["sheet.css", "sheet.rtl.css"])
def test_a_sheet_holds_no_picture_no_foreign_blue_and_no_map(instance: Path, name: str) -> None:
    text = built(instance, name).decode()
    for gone in ("data:", "#0d6efd", "13,110,253", "#86b7fe", "#0a58ca", "sourceMappingURL", "@import", "//"):
        assert gone not in text.replace("http://www.w3.org", "").replace("https://getbootstrap.com", "").replace(
            "https://github.com", ""
        ), gone


def test_what_no_page_uses_is_left_out_and_nothing_else() -> None:
    whole = ".btn,.card .btn{a:b}.card:not(.x,.y),.cardinal{c:d}@media all{.nav-link{e:f}}@media print{.d-none{g:h}}"
    assert sheet.slimmed(whole) == ".btn{a:b}.cardinal{c:d}@media print{.d-none{g:h}}"


def test_every_file_that_a_sheet_names_is_there(instance: Path) -> None:
    names = set(assets.build(instance).values())
    for name in ("sheet.css", "sheet.rtl.css"):
        parts = built(instance, name).decode().split("url(")[1:]
        assert parts
        assert {part.split(")")[0] for part in parts} <= names


def test_scripts_name_no_map(instance: Path) -> None:
    for name in ("htmx.js", "bootstrap.js", "shell.js"):
        assert b"sourceMappingURL" not in built(instance, name)


def test_files_are_kept_for_ever_by_name_and_packed_as_asked(served: FlaskClient) -> None:
    address = served.application.jinja_env.globals["asset"]("sheet.css")  # type: ignore[operator]  # any object
    with served.get(address) as plain:
        assert "immutable" in plain.headers["Cache-Control"]
        assert plain.headers["X-Content-Type-Options"] == "nosniff"
        assert "Access-Control-Allow-Origin" not in plain.headers
    for asked, given in (("br, gzip", "br"), ("gzip", "gzip")):
        with served.get(address, headers={"Accept-Encoding": asked}) as packed:
            assert packed.headers["Content-Encoding"] == given


def test_the_manifest_names_what_is_there(instance: Path) -> None:
    manifest = json.loads((instance / "static" / building.MANIFEST).read_text())
    assert all((instance / "static" / name).is_file() for name in manifest["names"].values())


@pytest.mark.parametrize(("packed", "most"), [(".br", 130_000), (".gz", 140_000)])
def test_the_first_page_stays_under_150_kb(instance: Path, packed: str, most: int) -> None:
    html = 7_000  # a desk's page, not compressed
    faces = sum(len(built(instance, name)) for name in assets.build(instance) if name.endswith(".woff2"))
    parts = sum(len(built(instance, name, packed)) for name in ("sheet.rtl.css", "htmx.js", "shell.js", "icons.svg"))
    assert html + faces + parts < most


def test_paper_has_static_faces_for_every_script(instance: Path) -> None:
    app = Flask("paper", instance_path=str(instance), static_folder=None)
    with app.app_context():
        faces = assets.pdf_fonts()
    assert {(face.family, face.weight) for face in faces} == {
        ("Amiri", 400), ("Amiri", 700), ("Plex Arabic", 400), ("Plex Arabic", 600), ("Plex", 400), ("Plex", 600),
    }  # fmt: skip
    assert all(face.path.is_file() for face in faces)
