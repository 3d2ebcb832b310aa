"""The desk: one viewer's way to the register, deny by default; nobody writes in another's name."""
