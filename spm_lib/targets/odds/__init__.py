"""What is known today, targets and levers come in; the odds of every target go out."""
