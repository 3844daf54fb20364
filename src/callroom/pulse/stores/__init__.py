"""Where a wave's secrets and answers lie: key folders, issue registers, sealed stores, and the chain's appends.

A sealed store is one wave's answers; a register says who fetched a token. See docs/explanation/promises.md.
"""
