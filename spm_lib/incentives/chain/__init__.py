"""The chain of pay: transactions come in; credits, measures, earnings and payments go out."""
