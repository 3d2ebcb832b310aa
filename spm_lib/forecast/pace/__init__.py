"""What is needed from here to the target, week by week, and where it usually comes from."""
