"""From requests and their environment to plans, findings and generated files."""
