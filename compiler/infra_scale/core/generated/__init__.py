"""The generated tree: which files are ours, what belongs there, what does not."""
