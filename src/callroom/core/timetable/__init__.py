"""
Arithmetic of dates that are passed in: when waves open, close and are published.

Series (waves of 1, 2 or 4 weeks), academic year (from the first Monday on or after its first day), skipped week.
See docs/explanation/calendar.md.
"""
