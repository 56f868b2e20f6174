"""Prescriptions, what is handed out, and what is still due."""
