"""The generated tree: its files, obsolete files, and unexpected files."""
