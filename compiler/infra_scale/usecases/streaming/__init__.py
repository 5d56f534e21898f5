"""The driver of every compile: a few requests at a time, folded into one result."""
