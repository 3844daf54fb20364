"""Getting an installation ready and keeping it so: the first start, the check, the roster's desk, the institution's look.

Its words: decision (what somebody confirmed in writing, with their name and the day), finding (one line of the check).
docs/how-to/start.md
"""
