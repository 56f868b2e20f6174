"""The blueprint that the laboratory's pages hang on, and the words that its templates speak with."""

from flask import Blueprint

from clinic.lab.words import answer_words, flag_words, name_of, range_words, who

blueprint = Blueprint("lab", __name__, url_prefix="/laboratory")
for say in (answer_words, flag_words, name_of, range_words, who):
    blueprint.add_app_template_global(say, f"lab_{say.__name__}")
