"""
What may be published about a group, and nothing more.

Leaf (the people counted together), release (the noisy, signed result of a wave), band (how many answered).
Arithmetic is exact: integers and fractions, never floats, so that everybody who recomputes gets the same bytes.
See docs/explanation/disclosure.md.
"""
