"""Interfaces to the outside that have, or will have, more than one implementation. No code, no domain rule."""
