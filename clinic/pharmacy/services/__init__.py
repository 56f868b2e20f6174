"""What is written at the pharmacy: the formulary, prescriptions as signed, what is handed out and what is owed."""

from clinic.pharmacy.services.formulary import FormularyImport, import_formulary

__all__ = ["FormularyImport", "import_formulary"]
