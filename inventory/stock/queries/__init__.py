"""Reads of stock: what lies where, which lots may go out, what moved, whether shelf and ledger agree."""
