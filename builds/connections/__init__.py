"""Git connections: servers of repositories, and what opens them for a team."""
