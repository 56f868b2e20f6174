"""A small application that shows the components of the shell, for tests alone."""

from pathlib import Path
from typing import Any, ClassVar

from flask import Flask, Response, g, make_response, render_template, request
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import ChoiceLoader, FileSystemLoader
from wtforms import BooleanField, PasswordField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from clinic.kernel import assets

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
NAMES = {"en": "English", "tr": "Türkçe", "ar": "العربية"}


class Problem:
    def __init__(self, field_id: str, label: str, message: str) -> None:
        self.field_id, self.label, self.message = field_id, label, message


class PersonForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    given = StringField("Given name")
    father = StringField("Father’s name")
    family = StringField("Family name")
    latin = StringField("Latin spelling")
    sex = RadioField("Sex", choices=[SelectChoice("M", "male"), SelectChoice("F", "female")])
    speaks = RadioField("Speaks", choices=[SelectChoice(n, n) for n in ("Arabic", "Turkish", "Kurdish")])
    number = StringField("Identity number", description="if any")
    born = StringField("Date of birth", description="or year, or about 34")
    phone = StringField("Phone")
    district = SelectField("District", choices=[SelectChoice("", "Not given"), SelectChoice("F", "Fatih")])
    note = TextAreaField("Note")
    agrees = BooleanField("Agrees to be called")
    pin = PasswordField("PIN")

    mistakes: ClassVar[dict[str, str]] = {
        "number": "10 digits. The number on the card has 11. Add the missing one, or leave it empty and add it later.",
        "born": "April has 30 days. If only the year is known, write 1992.",
    }

    @property
    def problems(self) -> list[Problem]:
        return [Problem(f.id, str(f.label.text), str(m)) for f in self for m in f.errors]

    def mistake(self) -> None:
        for name, message in self.mistakes.items():
            self[name].errors = [message]


def create_app(instance: Path) -> Flask:
    app = Flask("kitchen", instance_path=str(instance), static_folder=None)
    app.config.update(SECRET_KEY="kitchen", TESTING=True)
    app.jinja_loader = ChoiceLoader(
        [
            FileSystemLoader(Path(assets.__file__).parents[2] / "templates"),
            FileSystemLoader(Path(__file__).parent / "templates"),
        ]
    )
    CSRFProtect(app)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    app.jinja_env.globals.update(
        language=lambda: g.language, direction=lambda: "rtl" if g.language == "ar" else "ltr", LANGUAGE_NAMES=NAMES
    )
    assets.init_app(app)

    @app.before_request
    def choose() -> None:
        g.language = request.args.get("lang", "en")

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    @app.context_processor
    def frame() -> dict[str, Any]:
        return {"theme": request.args.get("theme", "auto"), "keys_off": "keys" in request.args}

    @app.route("/<page>", methods=["GET", "POST"])
    def show(page: str) -> Response:
        form = PersonForm(data={"sex": "M", "speaks": "Arabic"} if request.method == "GET" else None)
        if request.method == "POST" or "refused" in request.args:
            form.mistake()
        return make_response(
            render_template(f"kitchen/{page}.html", form=form), 422 if request.method == "POST" else 200
        )

    return app
