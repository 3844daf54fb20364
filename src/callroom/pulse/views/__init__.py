"""Requests into calls and calls into answers: tokens and chain behind the sign-in, answers without a name."""
