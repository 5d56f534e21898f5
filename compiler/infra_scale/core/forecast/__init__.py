"""What plans will make of clusters and of their bills: planning, capacity and cost brought together. Pure."""
