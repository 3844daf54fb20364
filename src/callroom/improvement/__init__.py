"""
Leaders answer what is published, with a date; residents see what became of it.

Words: clock (14 days to answer), answer (what a leader said), promise (something with a date), waiver. See
docs/explanation/leaders-answer.md.
"""
