"""What can be built from a tree of files, and how: pure."""
