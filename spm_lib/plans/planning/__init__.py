"""A company and a scenario come in, a target plan comes out: shared out, over time, with odds."""
