"""Decide about the execution of a plan: what to write, in which order, whether it may begin, and whether it is healthy.

Pure: use cases read the cluster, ask here, and write.
"""
