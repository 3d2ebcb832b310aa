"""What a plan would do to people: a plan comes in, findings with amounts and mends go out."""
