"""What was known of every deal on any past day: lives, landmarks, exposure, clocks."""
