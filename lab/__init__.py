"""Attacks on a whole simulated institution, and what they found. Run with ``make lab``; see docs/how-to/attack-it-yourself.md."""
