"""Why somebody is paid what they are: a run comes in, lines down to the deals and words go out."""
