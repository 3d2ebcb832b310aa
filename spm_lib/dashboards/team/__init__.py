"""What the people of the team answer on a page: the response to the own plan letter."""
