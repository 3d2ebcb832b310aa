"""Pages: what each report tells, as classes whose methods return blocks to a notebook."""
