"""
When is a change a change? Rules that tell a unit's ordinary ups and downs from a lasting one.

Point (one wave's figure), finding (a rule that a point meets), assessment (what can be said now).
See docs/explanation/signals.md.
"""
