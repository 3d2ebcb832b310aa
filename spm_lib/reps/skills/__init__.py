"""The skills of people: each pooled towards the peers, one set of draws, and what of it lasts."""
