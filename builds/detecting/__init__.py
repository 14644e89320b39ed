"""What can be built of a repository, found by a job, and the workflow that is made of it."""
