"""Repositories of charts: over HTTP with an index, and in OCI registries."""
