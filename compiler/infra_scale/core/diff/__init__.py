"""What changes, in the words of people."""
