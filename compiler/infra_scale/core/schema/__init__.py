"""Plain values against the published JSON Schemas. Knows no domain rule."""
