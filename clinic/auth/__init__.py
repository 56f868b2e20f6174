"""Who works here: accounts, what each may do, signing in and out."""
