"""
The privacy notice, and what each resident said to the purpose that is voluntary: the check-in.

Words: notice (one published version), purpose (what the check-in is for; its number grows when that changes), agreement
(yes or no of one person, without a date). See docs/how-to/publish-the-privacy-notice.md and decision 0009.
"""
