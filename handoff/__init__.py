"""The desk: tickets, promises and the agents' console."""
