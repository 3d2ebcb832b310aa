"""Responses: what people answer to their letter, in a form, in files and as a typed record."""
