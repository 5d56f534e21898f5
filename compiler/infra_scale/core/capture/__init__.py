"""Objects of a Kubernetes API to the fields of a snapshot: an allow-list. No network, no files."""
