"""The clinic: registration, queue, consultation, laboratory and pharmacy of one evening after another."""
