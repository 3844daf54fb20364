"""
Questionnaires as data, and the scoring of their answers.

An instrument is a frozen, versioned definition; a scored row is what one person's answers give.
See docs/reference/instruments.md.
"""
