"""One door per outside thing: disk, process, git, clock. No domain rule lives here, and no door knows another."""
