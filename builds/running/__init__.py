"""Builds: queued, run by jobs, logged, and chosen as the image of a source."""
