"""What is told when an evening is closed."""

from clinic.kernel.fields import DeskForm, VersionField, WordField
from clinic.kernel.i18n import _l


class CloseForm(DeskForm):
    """Why something is left open; the version is how much stood open on the page."""

    version = VersionField()
    because = WordField(_l("Why it is left open, and who takes care of it"), most=200)
