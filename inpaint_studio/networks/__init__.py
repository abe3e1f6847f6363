"""The networks as their papers describe them. torch only."""
