"""Letters: the plan of one person in words and numbers, with a fingerprint of what it says."""
