"""One arrival after another: numbers, places in queues, and what was measured on the way."""
