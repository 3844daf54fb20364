"""
How soon the signals engine sees a decline, at a stated rate of false alarms, beside textbook charts and a bound.

``python -m benches.signals SECTION`` (``make bench-signals``): headline, worlds, waves, discoveries, scaling.
"""
