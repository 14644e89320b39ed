"""A workflow becomes files for other tools: manifests, kustomize, a Helm chart. Equal workflows give equal bytes."""
