"""Every write of the wave: its plan, its sheets, tokens, answers, closing, publication, void."""
