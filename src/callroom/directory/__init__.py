"""
Services and crisis lines by place and language, each with its source and the day on which it must be reviewed.

A line is a number to reach a person now; a service is help at the institution. See docs/how-to/crisis-lines.md.
"""
