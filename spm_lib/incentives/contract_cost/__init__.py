"""Costs of obtaining contracts (ASC 340-40, IFRS 15): commission comes in, a schedule goes out."""
