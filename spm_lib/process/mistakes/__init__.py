"""Named rules over open deals, and what breaking each goes with."""
