"""Records: what is kept of a team, each a typed piece about one person, and its shape as JSON."""
