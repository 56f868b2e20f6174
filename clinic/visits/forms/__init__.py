"""What is typed at the desks of the evening's queues."""
