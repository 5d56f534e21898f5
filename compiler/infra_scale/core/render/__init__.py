"""Nouns to text: plan.yaml, SUMMARY.md, and findings for people and machines. Nothing is decided here."""
