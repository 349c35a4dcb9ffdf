"""A small web service around one `credit_engine.Session`: an example to copy."""
