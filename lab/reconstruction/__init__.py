"""Attacks on what is published: can any answer be computed back from it? See docs/explanation/threat-model.md."""
