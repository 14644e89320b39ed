"""Sources: what a team builds its images of."""
