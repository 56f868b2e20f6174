"""Who gives and who receives: donors and other parties, and what was agreed with them."""
