"""Segments: with whom the company wins, which parts really differ, who buys again, what is missing.

A Company comes in; frozen results that hold tidy frames with n and interval go out. Nothing is
ranked that chance alone could have put in that order. May import ``metrics`` and everything above.
"""

__all__: list[str] = []
