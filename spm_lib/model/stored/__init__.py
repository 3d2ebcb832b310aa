"""A company on disk: rows in buckets of Parquet files, checked and viewed one bucket at a time.

Nothing here knows a rule of its own. A bucket is a small book, made by the same code as a whole
one; the figures of a view are then counted by an engine that reads the files.
"""
