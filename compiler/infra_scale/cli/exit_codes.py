"""Exit codes, and what they mean."""

DONE = 0
"""Success; with --check: all plans are up to date."""
FAILED = 1
"""The command or a check failed."""
USAGE = 2
"""Wrong usage."""
CHANGED = 3
"""`diff --exit-code`: there are changes."""
INTERRUPTED = 130
"""Ctrl-C, as shells count it: 128 + SIGINT."""
