"""
Looks at every release and says when a change is a change: keeps what the engine found, raises and closes signals.

Words: estimate (what the engine says of a leaf in a week), signal (a decline's life), episode (the same as told by the
figures alone). The control chart's words: trend, pattern, baseline. See docs/explanation/watch.md.
"""
