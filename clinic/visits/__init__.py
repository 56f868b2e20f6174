"""The evening: arrival, places in queues, vital signs."""
