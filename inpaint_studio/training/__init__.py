"""Training both methods, as their papers describe it."""
