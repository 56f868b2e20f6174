"""How fast it is with ten years in it: scale data, and the acts of an evening over real HTTP. Run by `make bench`."""
