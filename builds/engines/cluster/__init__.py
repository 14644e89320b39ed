"""BuildKit in a connected cluster: a Job for each build, reached through the API server."""
