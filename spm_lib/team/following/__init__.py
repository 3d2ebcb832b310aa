"""Following up: records come in; who owes an answer, a deed or a check goes out. Pure functions."""
