"""Builds that a push starts: a secret address for each source, and what came of its calls."""
