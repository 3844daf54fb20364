"""
Looks at every published figure of a leaf and says whether a change is a change.

Words: trend (what the engine found), pattern (which rule), baseline (the figures behind the average).
Pure functions of published figures; nothing is stored. See docs/explanation/results.md.
"""
