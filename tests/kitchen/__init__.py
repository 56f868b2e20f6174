"""A small application that shows the components of the shell on invented evenings, for tests alone."""

from pathlib import Path
from time import sleep
from types import SimpleNamespace
from typing import ClassVar

from flask import Blueprint, Flask, Response, current_app, g, make_response, redirect, render_template, request, session
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.wrappers import Response as WerkzeugResponse

from clinic.kernel import assets, i18n
from clinic.kernel.fields import (
    ChoiceField,
    DayField,
    DeskForm,
    LongField,
    ManyField,
    NumberField,
    SecretField,
    TickField,
    WordField,
    YesNoField,
)
from clinic.kernel.web import CONTENT_POLICY
from tests.kitchen import drawn, words


class PersonForm(DeskForm):
    given = WordField("Given name")
    father = WordField("Father’s name")
    family = WordField("Family name")
    latin = WordField("Latin spelling")
    sex = ChoiceField("Sex", choices=[("M", "male"), ("F", "female")], segments=True)
    speaks = ChoiceField("Speaks", choices=[(n, n) for n in ("Arabic", "Turkish", "Kurdish")], segments=True)
    number = WordField("Identity number", hint="if any")
    born = WordField("Date of birth", hint="or year, or about 34")
    phone = WordField("Phone")

    typed: ClassVar[dict[str, str]] = {
        "given": "خالد", "father": "جمال", "family": "الأحمد", "latin": "Halid Alahmed", "sex": "M", "speaks": "Arabic",
        "number": "9912345674", "born": "31.04.1992", "phone": "0541 000 22 85",
    }  # fmt: skip
    mistakes: ClassVar[dict[str, str]] = {
        "number": "10 digits. The number on the card has 11. Add the missing one, or leave it empty and add it later.",
        "born": "April has 30 days. If only the year is known, write 1992.",
    }

    def mistake(self) -> None:
        for name, message in self.mistakes.items():
            self[name].errors = [message]


class PartsForm(DeskForm):
    """One field of every kind."""

    word = WordField("Name", hint="as on the card")
    secret = SecretField("PIN")
    note = LongField("Findings")
    weight = NumberField("Weight", unit="kg")
    born = DayField("Date of birth", required=True)
    district = ChoiceField("District", choices=[("F", "Fatih"), ("Z", "Zeytinburnu")])
    after = ChoiceField(
        "After this",
        choices=[("home", "Goes home"), ("lab", "Back after lab, tonight"), ("out", "Referred")],
        segments=True,
    )
    where = ChoiceField(
        "Where to tonight?",
        choices=[("gp", "General practice"), ("pd", "Paediatrics"), ("ob", "Gynaecology")],
        segments=True,
    )
    drinks = YesNoField("Cannot drink or breastfeed", required=True)
    vomits = YesNoField("Vomits everything")
    height = NumberField("Height", unit="cm")
    signs = ManyField("Danger signs", choices=[("v", "Vomits everything"), ("c", "Convulsions"), ("s", "Stiff neck")])
    agrees = TickField("Agrees to be called", hint="for results only")


kitchen = Blueprint("kitchen", __name__)


def create_app(instance: Path) -> Flask:
    app = Flask("kitchen", instance_path=str(instance), static_folder=None)
    app.config.update(SECRET_KEY="kitchen", TESTING=True)
    ours = Path(assets.__file__).parents[2] / "templates"
    app.jinja_loader = ChoiceLoader([FileSystemLoader(ours), FileSystemLoader(Path(__file__).parent / "templates")])
    app.extensions["received"] = []
    CSRFProtect(app)
    i18n.init_app(app)
    assets.init_app(app)
    app.register_blueprint(kitchen)
    return app


@kitchen.before_request
def choose() -> None:
    g.subject = SimpleNamespace(language=request.args.get("lang") or session.get("language", "en"))


@kitchen.after_request
def harden(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CONTENT_POLICY
    return response


@kitchen.app_context_processor
def frame() -> dict[str, object]:
    return {
        "theme": request.args.get("theme", "auto"),
        "keys_off": "keys" in request.args,
        "language_url": "/language",
        "sign_out_url": "/parts",
        "is_demo": True,
        "w": words.WORDS.get(g.subject.language, {}),
        "drawn": drawn,
    }


@kitchen.post("/language")
def language() -> WerkzeugResponse:
    session["language"] = request.form["language"]
    return redirect(request.form["next"])


@kitchen.post("/saved")
def saved() -> WerkzeugResponse:
    """Take a form after a while, so that a second sending would be seen."""
    sleep(0.2)
    current_app.extensions["received"].append(dict(request.form))
    return redirect("/plain?saved=1")


@kitchen.post("/parked")
def parked() -> tuple[str, int]:
    current_app.extensions["received"].append({"parked": "yes", **request.form})
    return "Draft kept 18:58:41", 200


@kitchen.route("/broken/<int:status>", methods=["GET", "POST"])
def broken(status: int) -> tuple[str, int]:
    return "<p>Not sent.</p>", status


@kitchen.route("/<page>", methods=["GET", "POST"])
def show(page: str) -> Response:
    is_refused = request.method == "POST" or "refused" in request.args
    form = PersonForm(data=PersonForm.typed) if page == "refused" else PartsForm()
    if is_refused and isinstance(form, PersonForm):
        form.mistake()
    elif is_refused:
        form.validate()
    text = render_template(f"kitchen/{page}.html", form=form)
    return make_response(text, 422 if request.method == "POST" else 200)
