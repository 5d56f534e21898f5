"""The declaration of rules, and their inputs."""
