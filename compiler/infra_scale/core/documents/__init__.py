"""File formats: the reader and the writer of each."""
