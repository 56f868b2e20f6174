"""What people type at the door, and what the administrator types of accounts."""

from clinic.auth import rules
from clinic.auth.roles import Role
from clinic.kernel.fields import ChoiceField, DeskForm, ManyField, SecretField, TickField, WordField
from clinic.kernel.i18n import LANGUAGE_NAMES, _l

_LANGUAGES = tuple(LANGUAGE_NAMES.items())


class SignInForm(DeskForm):
    """Who sits down."""

    username = WordField(_l("Account name"), required=True, most=60)
    password = SecretField(_l("Password"), required=True)


class UnlockForm(DeskForm):
    """The password of whoever locked the screen."""

    password = SecretField(_l("Password"), required=True)


class BadgeForm(DeskForm):
    """A badge, and then the PIN that goes with it."""

    badge = SecretField(_l("Badge"), most=200)
    pin = SecretField(_l("PIN"))


class PinForm(DeskForm):
    """A person's own new PIN."""

    password = SecretField(_l("Password now"), required=True)
    pin = SecretField(_l("New PIN"), required=True, hint=_l("6 to 12 digits"))


class ComputerForm(DeskForm):
    """A PC that several people share."""

    name = WordField(_l("Name of this computer"), required=True, most=60, hint=_l("where it stands, such as Room 2"))


class PasswordForm(DeskForm):
    """A person's own new password."""

    old = SecretField(_l("Password now"), required=True)
    new = SecretField(_l("New password"), required=True, hint=_l("a few words do well"))

    @property
    def least(self) -> int:
        """The fewest characters that a password may have."""
        return rules.PASSWORD_MIN


class AccountForm(DeskForm):
    """An account as the administrator writes it."""

    name_latin = WordField(_l("Name in Latin letters"), required=True)
    name_ar = WordField(_l("Name in Arabic letters"))
    language = ChoiceField(_l("Reads the screen in"), choices=_LANGUAGES, required=True, segments=True)
    roles = ManyField(_l("Roles at this site"), of=Role)


class NewAccountForm(AccountForm):
    """A new account."""

    username = WordField(_l("Account name"), required=True, least=3, most=60, hint=_l("letters, without blanks"))


class ChangeAccountForm(AccountForm):
    """A known account, which may also be closed."""

    is_active = TickField(_l("May sign in"))
