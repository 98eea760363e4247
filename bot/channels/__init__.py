"""One module a channel. A channel turns raw events into `Inbound` and speaks `Outbound`."""
