"""Bring what there is: Compose files, manifests and charts become graphs."""
