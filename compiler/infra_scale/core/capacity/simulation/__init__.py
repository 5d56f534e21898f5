"""What controllers, quotas and the scheduler do with a plan, step by step."""
