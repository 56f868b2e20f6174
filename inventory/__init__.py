"""What is owned and counted: the stock of medicines and, beside it, equipment."""
