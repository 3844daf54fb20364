"""Callroom: the well-being system of a teaching hospital and its medical school."""

__version__ = "0.1.0"
