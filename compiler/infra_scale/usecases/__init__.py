"""What the product can do, one verb a file: orchestrates adapters and core, holds no domain rule, prints nothing."""
