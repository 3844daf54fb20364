"""
The wave: one asking of one questionnaire, answered without a name, closed into a signed release.

Its words: wave, token, sealed answer, window, sheet, release. See docs/explanation/wave.md.
"""
