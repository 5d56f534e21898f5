"""CEL, the language of a target's own rules: an expression checked, bounded in its work, and asked about a plan.

Imported only where a target has such rules. Knows nothing of requests and findings.
"""
