"""For those who write policies: test cases, and hypothesis strategies to draw records and policies from."""
