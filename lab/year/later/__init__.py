"""Later versions of Callroom, as an upgrade sees them: one more table, then a second; and one that speaks another protocol."""
