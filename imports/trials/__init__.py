"""An import held against a cluster, by dry runs."""
