"""Faults struck on real processes: one implementation, run once by the tests and many times by `make torture`."""
