"""Attacks on copies of this installation's own disk: for the lab, and for *Try to find me* on demos and test installations.

Nothing here helps the server; everything reads files as a thief of the disk would. docs/explanation/attacks.md
"""
