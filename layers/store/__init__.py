"""layers/store."""
