"""The plain engine: what a policy means for one party on one day."""
