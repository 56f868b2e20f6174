import pytest
from flask import Flask

from clinic.kernel.i18n import _, in_language


@pytest.mark.parametrize(("language", "words"), [("en", "Yes"), ("tr", "Evet"), ("ar", "نعم")])
def test_the_application_speaks_each_language(context: Flask, language: str, words: str) -> None:
    with in_language(language):
        assert context.jinja_env.from_string("{{ _('Yes') }}").render() == _("Yes") == words
