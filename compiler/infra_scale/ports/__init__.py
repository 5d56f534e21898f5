"""Interfaces to external systems that have, or will have, several implementations. No code, no domain rules."""
