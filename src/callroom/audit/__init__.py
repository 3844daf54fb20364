"""The append-only trail: what was done, by whom and when, as words and ids; never anything from an anonymous page.

Its words: row (one action, chained to the one before), look (a person opened a page with results on a day).
docs/explanation/audit.md
"""
