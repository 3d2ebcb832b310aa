"""The process as it is walked: visits to stages, and the moves out of them."""
