"""What is true of a person between visits: allergies, pregnancy."""
