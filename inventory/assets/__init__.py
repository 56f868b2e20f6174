"""Durable equipment, record by record: what it is, what it cost, whose it is, where it stands, whether it works."""
