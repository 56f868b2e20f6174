"""Items, batches, lots, balances, and the ledger of movements."""
