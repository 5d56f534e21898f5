"""A small Kubernetes of its own: admission, scheduler and controllers, from their source and from none of our code."""
