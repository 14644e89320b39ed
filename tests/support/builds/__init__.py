"""Real builds for tests: a registry, BuildKit, and base images under their official names."""
