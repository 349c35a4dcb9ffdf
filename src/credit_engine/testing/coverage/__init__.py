"""How much of a policy its tests reach: goals, recording, the report, and tests for what is missing."""
