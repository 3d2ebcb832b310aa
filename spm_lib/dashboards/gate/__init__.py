"""The gate: who asks, whose rows that viewer may see, and nothing else gets past it."""
