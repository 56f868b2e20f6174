"""What a person can be called here: sex, footing, number, language, precision of birth."""

from clinic.kernel.text import N_, Worded


class Sex(Worded):
    """Sex as the document or the person says."""

    FEMALE = "FEMALE", N_("female")
    MALE = "MALE", N_("male")
    UNKNOWN = "UNKNOWN", N_("sex not known")


class LegalStatus(Worded):
    """On what footing a person is in the country; never read off a number, since 99 belongs to every foreigner."""

    TEMPORARY_PROTECTION = "TEMPORARY_PROTECTION", N_("Temporary protection")
    INTERNATIONAL_PROTECTION = "INTERNATIONAL_PROTECTION", N_("International protection")
    RESIDENCE_PERMIT = "RESIDENCE_PERMIT", N_("Residence permit")
    CITIZEN = "CITIZEN", N_("Citizen of Türkiye")
    UNREGISTERED = "UNREGISTERED", N_("No document / unregistered")
    NOT_ASKED = "NOT_ASKED", N_("Not asked")


class IdentifierSystem(Worded):
    """Who gave the number."""

    YKN = "YKN", N_("Foreigner identity number (99)")
    YKN_OLD = "YKN_OLD", N_("Old pre-number (98)")
    TCKN = "TCKN", N_("Turkish identity number")
    PASSPORT = "PASSPORT", N_("Passport")
    UNHCR = "UNHCR", N_("UNHCR number")
    OTHER = "OTHER", N_("Other document")


class Language(Worded):
    """A language that people speak here, by its ISO 639 code."""

    AR = "ar", N_("Arabic")
    TR = "tr", N_("Turkish")
    EN = "en", N_("English")
    KU = "ku", N_("Kurdish")
    FA = "fa", N_("Persian, Dari")
    PS = "ps", N_("Pashto")
    SO = "so", N_("Somali")
    TK = "tk", N_("Turkmen")
    UZ = "uz", N_("Uzbek")
    UR = "ur", N_("Urdu")
    FR = "fr", N_("French")
    RU = "ru", N_("Russian")
    OTHER = "und", N_("Another language")


class BirthPrecision(Worded):
    """How much of a birth date is known for clinical use, whatever a document says."""

    DAY = "DAY", N_("to the day")
    MONTH = "MONTH", N_("month and year")
    YEAR = "YEAR", N_("year only")
    ESTIMATED = "ESTIMATED", N_("estimated")
    UNKNOWN = "UNKNOWN", N_("not known")
