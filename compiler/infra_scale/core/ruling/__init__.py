"""How rules are declared, and what they look at."""
