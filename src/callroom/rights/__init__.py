"""What the law gives everybody about their own data: asking, an answer in time, a copy; and the trail for its reader.

Its words: request (somebody wants to see, correct or delete what is stored about them, or objects), desk (where requests are
answered), own copy (everything that is stored about one person, as a file), trail (the rows of the audit).
docs/how-to/answer-requests.md
"""
