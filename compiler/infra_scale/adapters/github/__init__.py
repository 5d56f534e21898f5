"""The only package that talks to GitHub, through PyGithub; and what GitHub Actions hands to a run."""
