"""The columns engine: a plan over whole populations in Polars frames, row for row what the plain engine says."""
