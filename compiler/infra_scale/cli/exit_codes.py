"""Exit codes, and what they mean."""

DONE = 0
"""Success; with --check: all plans are up to date."""
FAILED = 1
"""The command or a check failed."""
USAGE = 2
"""Wrong usage."""
CHANGED = 3
"""`diff --exit-code`: there are changes."""
IN_BETWEEN = 3
"""`apply` and `rollback`: neither the state before nor the state after; a person is needed."""
LATER = 4
"""`apply`: not now, because of a lock or a rollout in progress."""
INTERRUPTED = 130
"""Ctrl-C, as shells count it: 128 + SIGINT."""
