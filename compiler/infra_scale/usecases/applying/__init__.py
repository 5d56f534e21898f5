"""Execute plans on clusters: lock, journal, compare-and-set writes, health, and undo; safe to kill at any time."""
