"""What became of the open pipeline between two days, deal by deal."""
