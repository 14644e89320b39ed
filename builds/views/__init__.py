"""Builds, and what belongs to them, over HTTP."""
