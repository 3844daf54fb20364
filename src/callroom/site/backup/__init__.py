"""Backup and restore: what lasts, encrypted for a key that is kept elsewhere; never a wave's key, never an answer.

Words: backup (one file), manifest (what it says about itself), recipient and identity (age's two halves of a key).
See docs/how-to/back-up-and-restore.md.
"""
