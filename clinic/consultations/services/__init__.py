"""Acts of the doctor's desk: keep a draft, sign, leave, amend; take in diagnosis codes."""

from clinic.consultations.services.desk import Kept, abandon, amend, keep_draft, open_desk, sign
from clinic.consultations.services.icd import IcdImport, import_icd

__all__ = ["IcdImport", "Kept", "abandon", "amend", "import_icd", "keep_draft", "open_desk", "sign"]
