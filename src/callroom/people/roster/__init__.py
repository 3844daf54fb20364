"""Reading roster files: bytes to checked rows, rows against what is stored, and every problem in words.

Nothing here writes; ``people.actions.import_roster`` does, all of it or nothing. docs/how-to/import-a-roster.md
"""
