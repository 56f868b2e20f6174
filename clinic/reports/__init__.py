"""Figures of the clinic: each from one query, with its definition, its period and the checks that prove it."""
