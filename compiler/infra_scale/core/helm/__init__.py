"""The values that requests set in Helm charts."""
