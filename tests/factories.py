"""What tests arrange: plain functions that write through the models, each in a transaction of its own."""

from datetime import date

from clinic.kernel import clock

EVENING = clock.at(date(2026, 11, 24), 18, 40)
