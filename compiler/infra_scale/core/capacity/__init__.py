"""What a cluster and its namespaces can hold: arithmetic on a snapshot. No rule ids, no prices, no clock, no floats."""
