"""Pure Python: instruments, disclosure, anonymity, signals, timetable. No framework, no database, no clock, no randomness of its own."""
