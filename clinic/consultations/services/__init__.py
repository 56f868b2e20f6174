"""Acts of the doctor's desk: keep a draft, sign, leave, amend; take in diagnosis codes."""

from clinic.consultations.services.desk import (
    abandon,
    amend,
    keep_draft,
    note_absent,
    open_desk,
    open_note,
    order_tests,
    put_back,
    read_results,
    sign,
)
from clinic.consultations.services.icd import IcdImport, import_icd

__all__ = [
    "IcdImport",
    "abandon",
    "amend",
    "import_icd",
    "keep_draft",
    "note_absent",
    "open_desk",
    "open_note",
    "order_tests",
    "put_back",
    "read_results",
    "sign",
]
