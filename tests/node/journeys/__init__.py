"""A browser on real containers."""
