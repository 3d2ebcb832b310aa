"""Kept pay: versions of a period come in, what each person is told of them goes out."""
