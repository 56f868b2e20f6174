"""Acts of the doctor's desk: taking in diagnosis codes."""

from clinic.consultations.services.icd import IcdImport, import_icd

__all__ = ["IcdImport", "import_icd"]
