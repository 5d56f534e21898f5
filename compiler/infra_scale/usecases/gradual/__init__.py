"""A compile of the work tree a few requests at a time, for `compile` and `validate`; others compile all at once."""
