"""The pieces of an account: what is said, in which words, and what it is read from."""
