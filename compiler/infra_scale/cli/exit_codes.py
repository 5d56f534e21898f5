"""Exit codes, and what they mean."""

DONE = 0
"""The command did what it was asked for; with --check: everything is in step."""
FAILED = 1
"""The work failed, or a check did not hold."""
USAGE = 2
"""The command line was wrong."""
INTERRUPTED = 130
"""Ctrl-C, as shells count it: 128 + SIGINT."""
