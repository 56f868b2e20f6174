"""Free medicines: the formulary's rules, prescriptions, dispensing, what is owed, labels."""
