"""What goes with winning: behaviour of a deal's first days, within and between people."""
