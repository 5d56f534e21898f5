"""The differences between two states, as the settings that reviewers read."""
