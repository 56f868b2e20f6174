"""What is asked of the register, and what is told of a record."""

from clinic.kernel.fields import ChoiceField, DayField, DeskForm, VersionField, WordField
from clinic.kernel.i18n import _l
from clinic.kernel.uploads import EvidenceField
from inventory.assets.rules import EvidenceKind


class SearchForm(DeskForm):
    """Words by which equipment is looked for."""

    words = WordField(_l("Equipment"), most=80)


class StateForm(DeskForm):
    """What a thing becomes, and why; whoever shows it sets what it may become."""

    version = VersionField()
    becomes = ChoiceField(_l("It is now"), required=True, segments=True)
    because = WordField(_l("Why"), required=True, least=3, most=200)


class PlaceForm(DeskForm):
    """Where a thing stands now, and why it was moved."""

    version = VersionField()
    place = WordField(_l("Stands now in"), required=True, most=80)
    reason = WordField(_l("Why"), required=True, least=3, most=200)


class MissingForm(DeskForm):
    """That a thing is not found."""

    version = VersionField()
    told = WordField(_l("Where it was looked for, and by whom"), required=True, least=3, most=200)


class EvidenceForm(DeskForm):
    """A file that shows something of a thing."""

    kind = ChoiceField(_l("It shows"), of=EvidenceKind, required=True)
    file = EvidenceField(_l("File"), required=True, hint=_l("photo, or PDF"))
    dated_on = DayField(_l("Day of the calibration"))
    note = WordField(_l("Remark"), most=200)
