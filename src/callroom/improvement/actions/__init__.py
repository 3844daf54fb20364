"""Every write of this package: clocks, answers, promises, commitments, letters."""
