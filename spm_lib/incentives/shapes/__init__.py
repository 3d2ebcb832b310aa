"""What a plan pays as a function of one number: pieces of straight lines, evaluated exactly."""
