"""Target plans come in; what differs between two, and what would meet given odds, goes out."""
