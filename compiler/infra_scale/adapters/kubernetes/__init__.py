"""Clusters, reached with kubectl: people's own authentication works, and what is printed is what runs."""
