"""The registrar's desk: find or register a person, give a number for tonight, print the slip."""
