"""What a Kubernetes API says of a cluster, to the few fields of a snapshot: an allow-list. No network, no files."""
