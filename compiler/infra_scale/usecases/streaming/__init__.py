"""The driver of every compile: batches of requests, folded into one result."""
