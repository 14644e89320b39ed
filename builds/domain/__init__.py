"""Values and rules of sources: pure."""
