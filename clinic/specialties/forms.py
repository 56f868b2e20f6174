"""What the administrator ticks."""

from clinic.kernel.fields import ChoiceField, DeskForm, ManyField
from clinic.kernel.i18n import _l


class PracticeForm(DeskForm):
    """The specialties of one doctor; whoever shows it sets the choices of both."""

    practised = ManyField(_l("Practises"))
    usual = ChoiceField(_l("Opens first"), hint=_l("the queue that the desk shows on sitting down"))
