"""The engine: channels in, understanding, decisions, conversations, channels out."""
