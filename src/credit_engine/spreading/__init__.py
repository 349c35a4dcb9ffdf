"""Over the graph: which operators, persons and regions an own answer reaches, over which path, and why."""
