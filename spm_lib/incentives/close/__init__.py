"""Closing a period of pay: a run comes in, files that never change and corrections go out."""
