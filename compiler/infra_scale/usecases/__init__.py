"""The use cases, one verb per file: they orchestrate adapters and core, have no domain rules, and print nothing."""
