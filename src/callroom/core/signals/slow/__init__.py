"""
The pooled engine once more, slow and plain, straight from the equations: what the fast one is compared with in tests.

One object per leaf, start and department, one number at a time, double precision, no arrays over blocks. Only the model's
constants and its few formulas (``model``) are shared with the fast engine, so a slip in its matrices shows.
"""

from callroom.core.signals.slow.institution import Plain, assess

__all__ = ["Plain", "assess"]
