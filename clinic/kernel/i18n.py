"""Three equal languages: which one a page speaks, its words, and how it writes numbers, days, times and ages."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import cast
from unicodedata import bidirectional

import flask_babel
from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal
from flask import Flask, g, has_app_context, has_request_context, request, session
from flask_babel.speaklater import LazyString
from markupsafe import Markup, escape

from clinic.kernel import catalogues, clock
from clinic.kernel.errors import DomainError, NotFound, ProgrammingMistake
from clinic.kernel.text import Remark

LANGUAGES = ("en", "tr", "ar")
LANGUAGE_NAMES = {"en": "English", "tr": "Türkçe", "ar": "العربية"}

# The Levant's month names are those of ar_SY; plain `ar` says يناير. English here writes the day before the month.
_LOCALES = {"en": "en_GB", "tr": "tr", "ar": "ar_SY"}
_CHOICE = "language"

_RIGHT_TO_LEFT = {"R", "AL", "AN"}
_ISOLATE, _END_OF_ISOLATE = "\u2068", "\u2069"
_HOUR = 60
_YEAR = 12
_YEARS_WITH_MONTHS = 5


def init_app(app: Flask) -> None:
    """Let `app` speak the three languages, and its templates use the words and formats of this module."""
    catalogues.compile_stale()
    flask_babel.Babel(configure_jinja=False).init_app(
        app,
        default_locale=_LOCALES["en"],
        default_translation_directories=str(catalogues.FOLDER),
        locale_selector=lambda: _LOCALES[_wanted()],
    )
    environment = app.jinja_env
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # the extension above adds it
        gettext=_found,
        ngettext=_found_for,
        newstyle=True,
    )
    environment.globals.update(
        LANGUAGES=LANGUAGES, LANGUAGE_NAMES=LANGUAGE_NAMES, language=language, direction=direction
    )
    environment.filters.update(
        {
            shape.__name__: shape
            for shape in (
                age,
                bdi,
                clock_time,
                day,
                duration,
                language_name,
                listed,
                long_day,
                moment,
                month,
                number,
                when,
            )
        }
    )


# ---- which language ------------------------------------------------------------------------------------------------


def language() -> str:
    """Return the code of the language spoken here: "en", "tr" or "ar"."""
    return str(_locale().language)


def direction(code: str | None = None) -> str:
    """Return "rtl" or "ltr" for the language `code`, or for the one spoken here."""
    return str(Locale.parse(_LOCALES[code or language()]).text_direction)


def language_name(code: str) -> str:
    """Return the name of any language in the language spoken here: "Arapça"; an unknown code names itself."""
    return str(_locale().languages.get(code, code))


def choose_language(code: str) -> None:
    """Let this browser be spoken to in `code` from now on, this request included."""
    if code not in LANGUAGES:
        raise NotFound("This clinic does not speak that language yet.")
    session[_CHOICE] = code
    flask_babel.refresh()


def refresh() -> None:
    """Ask anew which language to speak: for whoever has just set `g.subject`."""
    flask_babel.refresh()


def territory_name(code: str) -> str:
    """Return the name of a country in the language spoken here: "Suriye"; an unknown code names itself."""
    return str(_locale().territories.get(code, code))


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Speak `code` inside the block: for a label or a letter in the patient's language."""
    if not has_app_context():
        raise ProgrammingMistake("words are looked up inside an application context")
    with flask_babel.force_locale(_LOCALES[code]):
        yield


def _wanted() -> str:
    for code in _wishes():
        if code in LANGUAGES:
            return str(code)
    return "en"


def _wishes() -> Iterator[str | None]:
    yield getattr(g.get("subject"), "language", None)
    if has_request_context():
        yield session.get(_CHOICE)
        # in the browser's order; best_match() would take a plain "en" before its favourite "ar-SY"
        yield from (code.partition("-")[0] for code in request.accept_languages.values())


def _locale() -> Locale:
    return flask_babel.get_locale() or Locale.parse(_LOCALES["en"])


# ---- words ---------------------------------------------------------------------------------------------------------


def _found(message: str) -> str:
    # a catalogue answers the empty message with its own header
    return str(flask_babel.get_translations().ugettext(message)) if message else ""


def _found_for(singular: str, plural: str, num: int) -> str:
    return str(flask_babel.get_translations().ungettext(singular, plural, num))


class _LazyWords(LazyString):
    """Words looked up when shown; unlike its parent's, their HTML is escaped."""

    def __html__(self) -> str:
        return str(escape(str(self)))


def _(message: str, /, **values: object) -> str:
    """Return `message` in the language spoken here, its %(name)s filled in; a bare per cent sign is written %%."""
    return _found(message) % values


def ngettext(singular: str, plural: str, num: int, /, **values: object) -> str:
    """Return the form that `num` asks for, with %(num)s and the other values filled in."""
    return _found_for(singular, plural, num) % {"num": num, **values}


def _l(message: str, /, **values: object) -> str:
    """Return words to be looked up when they are shown, typed as what they then are: for labels made at import."""
    return cast("str", _LazyWords(_, message, **values))


def explain(refusal: DomainError | Remark) -> str:
    """Return a refusal or a remark in the language spoken here, its days, times and numbers as that writes them."""
    return _(refusal.message, **{name: _written(value) for name, value in refusal.values.items()})


def _written(value: object) -> object:
    match value:
        case datetime():
            return when(value)
        case date():
            return day(value)
        case Decimal():
            return number(value)
        case str():
            return isolated(value)
        case _:
            return value


def listed(parts: Iterable[str]) -> str:
    """Return parts of a sentence one after the other, with this language's comma."""
    return ("، " if language() == "ar" else ", ").join(parts)


def isolated(text: str) -> str:
    """Return `text` so that in a sentence of the other direction neither is turned round."""
    if direction() == "ltr" and not any(bidirectional(letter) in _RIGHT_TO_LEFT for letter in text):
        return text
    return f"{_ISOLATE}{text}{_END_OF_ISOLATE}"


def spoken_list(words: Sequence[str]) -> str:
    """Return words as a sentence lists them, with this language's "and": "A, B and C"."""
    return format_list(words, locale=_locale())


# ---- numbers, days, times, ages ------------------------------------------------------------------------------------


def number(value: Decimal | float, places: int | None = None, *, grouped: bool = True) -> str:
    """Return a number in Western digits, with a comma for decimals in Turkish and a point in English and Arabic.

    `places` fixes the decimals, halves rounded up; without it trailing zeros go. `grouped=False` for what a person
    will type over.
    """
    exact = Decimal(str(value))
    pattern = "#,##0.###############"
    if places is not None:
        exact = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        pattern = "#,##0." + "0" * places if places else "#,##0"
    return format_decimal(
        exact + 0,  # no minus before a zero
        pattern,
        locale=_locale(),
        decimal_quantization=False,
        group_separator=grouped,
        numbering_system="latn",
    )


def day(value: date) -> str:
    """Return a day as 25.11.2016; an instant gives its day on the clinic's wall clock."""
    value = clock.local(value) if isinstance(value, datetime) else value
    return f"{value.day:02}.{value.month:02}.{value.year:04}"


def short_day(value: date) -> str:
    """Return a day of a known year with its month's name: "3 Nov"."""
    return format_date(value, "d MMM", locale=_locale())


def long_day(value: date) -> str:
    """Return a day with its name and its month's: "Friday 25 November 2016"."""
    value = clock.local(value) if isinstance(value, datetime) else value
    return format_date(value, "EEEE d MMMM y", locale=_locale())


def month(value: date) -> str:
    """Return a month by its name: "November 2016"."""
    return format_date(value, "LLLL y", locale=_locale())


def clock_time(value: datetime | time) -> str:
    """Return a time of day as 18:41; an instant gives that of the clinic's wall clock."""
    value = clock.local(value) if isinstance(value, datetime) else value
    return f"{value.hour:02}:{value.minute:02}"


def moment(value: datetime) -> str:
    """Return an instant as 25.11.2016 18:41 on the clinic's wall clock."""
    return f"{day(value)} {clock_time(value)}"


def when(value: datetime) -> str:
    """Return an instant of today as 18:41, of any other day as 25.11.2016 18:41."""
    return clock_time(value) if clock.local(value).date() == clock.today() else moment(value)


def duration(value: timedelta) -> str:
    """Return a length of time in whole hours and minutes: "1 h 20 min"."""
    hours, minutes = divmod(int(value.total_seconds()) // 60, _HOUR)
    if not hours:
        return _("%(minutes)s min", minutes=minutes)
    return _("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes)


def age(born: date, on: date | None = None) -> str:
    """Return the age on the day `on`, or today, as precisely as it matters: "19 d", "7 m", "2 y 1 m", "34 y"."""
    on = on or clock.today()
    if on < born:
        raise ProgrammingMistake("an age is asked for on a day before the birth")
    lived = (on.year - born.year) * _YEAR + on.month - born.month - (on.day < born.day)
    full_years, odd_months = divmod(lived, _YEAR)
    if not lived:
        return days((on - born).days)
    if not full_years:
        return months(lived)
    if full_years >= _YEARS_WITH_MONTHS or not odd_months:
        return years(full_years)
    return _("%(years)s %(months)s", years=years(full_years), months=months(odd_months))


def years(num: int) -> str:
    """Return so many years, short."""
    return ngettext("%(num)s y", "%(num)s y", num)


def months(num: int) -> str:
    """Return so many months, short."""
    return ngettext("%(num)s m", "%(num)s m", num)


def days(num: int) -> str:
    """Return so many days, short."""
    return ngettext("%(num)s d", "%(num)s d", num)


def bdi(value: object) -> Markup:
    """Return a number, dose, code or phone as HTML that no right-to-left line turns round or breaks."""
    return Markup('<bdi dir="ltr">{}</bdi>').format(value)
