"""
The domain-free web kit: pages, parts, charts, wording, jobs, stores.

Words: page, part, chart. See docs/explanation/kit.md.
"""
