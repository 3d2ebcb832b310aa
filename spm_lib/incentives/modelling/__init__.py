"""A plan tried before it is promised: replays, attainment from 0 to 150 %, winners and losers."""
