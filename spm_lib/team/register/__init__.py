"""The register: changes come in, an append-only history of events goes out.

It knows no record by name: each is a typed payload of a kind, about one person. It keeps them in
SQLite or PostgreSQL, alike.
"""
