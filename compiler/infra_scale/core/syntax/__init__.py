"""Bytes to plain values with positions: YAML and its pitfalls. No knowledge of requests."""
