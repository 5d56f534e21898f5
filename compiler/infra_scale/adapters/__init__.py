"""One adapter per external system: disk, process, git, clock. No domain rules, no imports of other adapters."""
