"""
Results, shown to everyone in the institution at the same moment.

Words: unit page, department page, institution page; figure, range, gap.
Reads published aggregates only. See docs/explanation/results.md.
"""
