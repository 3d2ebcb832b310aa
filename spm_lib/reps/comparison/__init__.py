"""The comparison of people: one window, win rates, mix, and in what people differ at all."""
