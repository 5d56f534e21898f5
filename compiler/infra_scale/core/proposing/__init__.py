"""What a pull request contains, and what a branch holds."""
