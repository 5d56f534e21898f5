"""Planning of requests: actions, rollback, and conflicts between requests."""
