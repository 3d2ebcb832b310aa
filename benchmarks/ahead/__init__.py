"""What people would write instead of asking the library, and what it costs, side by side."""
