"""The desk of the doctor: drafts, the signed note, diagnoses, the chart page."""
