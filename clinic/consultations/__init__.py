"""The desk of the doctor and the nurse: notes, diagnoses, signatures."""
