"""
Results of earlier surveys, brought in by a coordinator: shown beside the published ones and marked as imported.

Words: survey (one import of one questionnaire), scale, imported figure (a unit in a period). Rows are read in memory
and never stored. See docs/how-to/import-earlier-surveys.md.
"""
