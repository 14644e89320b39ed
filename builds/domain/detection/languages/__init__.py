"""What each language leaves in a repository, one module a language."""
