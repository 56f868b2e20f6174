"""What is told when an evening is closed."""

from clinic.kernel.fields import DeskForm, KeyField, WordField
from clinic.kernel.i18n import _l


class CloseForm(DeskForm):
    """Why the evening ends early or with something open; `seen` is the digest of what stood open on the page."""

    seen = KeyField()
    because = WordField(_l("Reason"), most=200)
