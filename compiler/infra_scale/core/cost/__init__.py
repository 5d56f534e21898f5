"""Cost of a change: exact arithmetic on a price sheet, rounded only for display. No nodes and no quotas."""
