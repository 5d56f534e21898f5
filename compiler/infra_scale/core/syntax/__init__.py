"""Bytes to plain values with positions. Knows YAML and its traps; knows nothing of requests."""
