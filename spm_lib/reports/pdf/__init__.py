"""PDF: the report model set by Typst, tagged, in both directions of script."""
