"""Capacity of a cluster and its namespaces: arithmetic on a snapshot. No rule ids, no prices, no clock, no floats."""
