"""What differs between two states, in the settings that reviewers read."""
