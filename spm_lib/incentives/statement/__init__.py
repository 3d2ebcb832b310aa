"""What a person is shown of their pay: a run comes in, the sections of a statement go out."""
