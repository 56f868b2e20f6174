"""Certificates: what was handed over, sealed, numbered and chained, in three languages, and checked by anybody."""
