"""What pay plans cost under a scenario's targets: its simulated year paid, person by person."""
