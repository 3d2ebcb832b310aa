"""What the best closers do at each stage that others do not, as a page and a checklist."""
