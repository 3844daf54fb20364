"""
A year of operation on a clock that is moved: residents with their devices, leaders, holidays, upgrades, crashes, a restore.

Its words: *receipt* (an answer that the server acknowledged, as the phone knows it), *case* (somebody who wanted to answer and
found no ticket), *way back* (how that person came to answer, or to the next round), *fate* (what became of a clock).
"""
