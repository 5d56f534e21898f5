"""Plans to Kubernetes objects and kustomize Components."""
