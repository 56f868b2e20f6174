"""What is true of a person between visits, on which two desks must be able to stop."""
