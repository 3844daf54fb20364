"""Settings, addresses, home, demo, schedule and commands: where the rooms meet."""
