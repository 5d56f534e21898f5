"""Findings, plans and changes as text: terminal, Markdown, JSON, SARIF, annotations."""
