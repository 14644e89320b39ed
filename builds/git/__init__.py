"""Reading a repository with the git program: fetched without a working copy, and read object by object."""
