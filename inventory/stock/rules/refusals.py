"""What stock refuses, by name."""

from clinic.kernel.errors import DomainError


class StockRefusal(DomainError):
    """Units cannot leave as asked."""


class Short(StockRefusal):
    """A lot holds fewer units than asked for."""

    code = "short"


class Expired(StockRefusal):
    """The last day of a lot is past."""

    code = "expired"


class Recalled(StockRefusal):
    """A batch was blocked or recalled."""

    code = "recalled"


class NotIssuable(StockRefusal):
    """Nothing is issued from this place, or nothing of this lot lies there."""

    code = "not_issuable"


class DeliveryRefused(DomainError):
    """What stands on the box does not let it onto the shelf."""

    code = "delivery_refused"
    status = 422
