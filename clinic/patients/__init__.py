"""Who people are: identity, numbers, household, search, duplicates."""
