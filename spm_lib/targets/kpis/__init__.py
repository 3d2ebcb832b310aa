"""KPIs of a plan: which few metrics go with won amount, and targets for counts and ratios."""
