"""Capacity and cost of plans on clusters: combines planning, capacity and cost. Pure."""
