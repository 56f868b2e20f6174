"""Who the patients are: identity, numbers, households, search, duplicates."""
