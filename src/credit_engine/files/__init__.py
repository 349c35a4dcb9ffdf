"""Reading and writing files: the only code that opens them."""
