"""An invented clinic on one invented evening, loaded through the product's own doors; nothing in it is real."""
