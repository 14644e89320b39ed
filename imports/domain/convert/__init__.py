"""From a resolved Compose model to a graph: one file for each subject."""
