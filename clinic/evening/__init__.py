"""Tonight at a glance: who waits, who finishes in time, and what needs someone."""
