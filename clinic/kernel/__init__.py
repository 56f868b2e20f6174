"""What every feature stands on; it imports no feature and knows no noun of the clinic or the store."""
