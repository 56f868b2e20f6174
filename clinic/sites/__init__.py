"""Where the work happens: organisations, their sites, opening hours, rooms and desks."""
