"""What a session is made of: the records it holds, who is linked with whom, what reaches whom, and what changed."""
