"""Pay while it is designed and while it is earned: a plan's numbers move, a deal tells its pay."""
