"""The rule catalogue: what is wrong, risky or worth knowing about a request.

A rule never prints and never changes a plan.
"""
