"""The target studio: a scenario comes in, levers and edits change it, a page tells its plan."""
