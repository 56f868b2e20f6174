"""What is written at the pharmacy: the formulary, prescriptions as signed, what is handed out and what is owed."""

from clinic.pharmacy.services.formulary import FormularyImport, import_formulary
from clinic.pharmacy.services.prescribing import NewLine, NoMedicines, Unsafe, prescribe

__all__ = ["FormularyImport", "NewLine", "NoMedicines", "Unsafe", "import_formulary", "prescribe"]
