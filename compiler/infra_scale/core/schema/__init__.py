"""Validates plain values against the published JSON Schemas. No domain rules."""
