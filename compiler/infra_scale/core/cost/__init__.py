"""What a change costs: exact arithmetic on a price sheet. Knows no nodes and no quotas, and rounds only for show."""
