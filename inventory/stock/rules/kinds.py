"""The words that stock is kept in."""

from clinic.kernel.text import N_, Worded


class Kind(Worded):
    """The only ways in which a movement is born."""

    RECEIVE = "RECEIVE", N_("Goods receipt")
    OPEN = "OPEN", N_("Opening balance")
    ISSUE = "ISSUE", N_("Issue")
    RETURN = "RETURN", N_("Return")
    TRANSFER = "TRANSFER", N_("Transfer")
    UNPACK = "UNPACK", N_("Unpacking")
    QUARANTINE = "QUARANTINE", N_("Quarantine")
    WRITE_OFF = "WRITE_OFF", N_("Write-off")
    ADJUST = "ADJUST", N_("Adjustment after a count")
    REVERSE = "REVERSE", N_("Reversal")


class Reason(Worded):
    """Why units moved."""

    DISPENSE = "DISPENSE", N_("handed to a patient")
    CLINIC_USE = "CLINIC_USE", N_("used in the clinic")
    PURCHASE = "PURCHASE", N_("bought")
    DONATION = "DONATION", N_("donated")
    RETURNED = "RETURNED", N_("brought back")
    EXPIRED = "EXPIRED", N_("expired")
    DAMAGED = "DAMAGED", N_("damaged")
    LOST = "LOST", N_("lost")
    RECALLED = "RECALLED", N_("recalled by the maker or the authority")
    COLD_CHAIN = "COLD_CHAIN", N_("was too warm or too cold")
    COUNTED = "COUNTED", N_("counted otherwise")
    MISTAKE = "MISTAKE", N_("entered by mistake")
    OTHER = "OTHER", N_("another reason")


class PlaceKind(Worded):
    """Whether what lies at a place may be handed out."""

    SHELF = "SHELF", N_("shelf")
    QUARANTINE = "QUARANTINE", N_("quarantine")


class BatchStatus(Worded):
    """What the maker, the authority or the pharmacist says of a batch."""

    OK = "OK", N_("usable")
    BLOCKED = "BLOCKED", N_("blocked")
    RECALLED = "RECALLED", N_("recalled")
