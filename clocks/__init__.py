"""Greffier's one law of time: pure functions on dates, with no database, no settings and no "now".

Callers import the module that computes what they need, for example `from clocks import answers, durations`.
"""
