"""The only package that calls GitHub, through PyGithub; also reads the event of a GitHub Actions run."""
