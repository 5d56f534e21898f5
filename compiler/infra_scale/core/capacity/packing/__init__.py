"""Whether pods fit on nodes at all, in any order."""
