"""The same meaning for many parties at once."""
