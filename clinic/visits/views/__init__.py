"""The screens of the evening's queues: triage and its vital signs."""
