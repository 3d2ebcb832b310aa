"""What methods were worth: backtests, scores, the champion, and how far all missed together."""
