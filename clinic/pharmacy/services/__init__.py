"""What is written at the pharmacy: the formulary, prescriptions as signed, what is handed out and what is owed."""

from clinic.pharmacy.rules import Handed, Rest, Skipped
from clinic.pharmacy.services.dispensing import Gone, LineClosed, dispense
from clinic.pharmacy.services.formulary import FormularyImport, import_formulary
from clinic.pharmacy.services.prescribing import NewLine, NoMedicines, Unsafe, prescribe

__all__ = [
    "FormularyImport",
    "Gone",
    "Handed",
    "LineClosed",
    "NewLine",
    "NoMedicines",
    "Rest",
    "Skipped",
    "Unsafe",
    "dispense",
    "import_formulary",
    "prescribe",
]
