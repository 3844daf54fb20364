"""
The residents' council: who is on it, what is proposed to it, and what it has signed into the public chain.

Words: council key, proposal, approval, council request. Rules: docs/explanation/council.md; how-to: docs/how-to/council.md.
"""
