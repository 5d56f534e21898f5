"""What `init` installs, and the repository files that it reads."""
