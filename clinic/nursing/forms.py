"""What a nurse writes of a contact."""

from clinic.kernel.fields import ChoiceField, DeskForm, LongField, WordField
from clinic.kernel.i18n import _l
from clinic.nursing.rules import LONGEST, ContactKind


class ContactForm(DeskForm):
    """What was done, and how."""

    kind = ChoiceField(_l("Contact"), of=ContactKind, required=True)
    text = LongField(_l("What was done"), required=True, most=LONGEST)


class AdditionForm(DeskForm):
    """What is added to a signed contact."""

    text = LongField(_l("What is added"), required=True, most=LONGEST)
    reason = WordField(_l("Reason"), required=True, most=200)
