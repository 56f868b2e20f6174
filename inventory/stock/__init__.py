"""What is on the shelves: items, batches, lots, and a ledger that is only ever added to."""
