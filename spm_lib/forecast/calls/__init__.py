"""What people said they would close: rolled up, held against what came, mixed with a method."""
