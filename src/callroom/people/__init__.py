"""Persons, units, programmes, roles and conflicts of interest; sign-in; and the one table of who may do what.

Its words: unit (a tree), membership (person in unit, from, to), role grant (role, unit, from, to), evaluator.
docs/reference/permissions.md, docs/how-to/import-a-roster.md
"""
