"""Office: the report model as a workbook and as slides, with native tables and charts."""
