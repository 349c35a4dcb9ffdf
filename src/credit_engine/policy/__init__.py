"""What a policy says: files with places, structure, and the resolved plan."""
