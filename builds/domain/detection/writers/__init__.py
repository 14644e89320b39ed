"""Dockerfiles of ours, one module a language."""
