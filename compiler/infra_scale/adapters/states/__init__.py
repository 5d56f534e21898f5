"""The states of a repository: its work tree, git's index, a commit, and files in memory."""
