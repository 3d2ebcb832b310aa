"""How the register's database came to look as it does, one step after another (Alembic)."""
