"""
Telling residents that a round is open: letters, a text for their messenger, a page for the ward, a calendar.

Words: prompt (an invitation at the opening or a reminder, the same for everybody who is asked), times (when they go out),
handed over (this person's letter of this week went to the mail server). See docs/how-to/invite-residents.md, decision 0015.
"""
