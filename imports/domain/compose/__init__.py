"""Compose files become one resolved model: pure."""
