"""A live namespace as a source of an import."""
