"""Handovers: a batch of equipment from a draft to what the receiver says of each line."""
