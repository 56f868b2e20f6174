"""The blueprint that the pharmacy's pages hang on, and the words that its templates speak with."""

from flask import Blueprint

from clinic.patients.rules import shown_phone
from clinic.patients.words import short_name
from clinic.pharmacy.words import dose_words, finding_words

blueprint = Blueprint("pharmacy", __name__, url_prefix="/pharmacy")
for say in (dose_words, finding_words, short_name, shown_phone):
    blueprint.add_app_template_global(say)
