"""Helm charts and kustomizations become objects: by the programs themselves, in a jail."""
