"""The laboratory: what can be examined, what is ordered, drawn, found and told to the doctor."""
