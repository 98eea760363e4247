"""What machines ask: whether a process answers, and how the house is."""
