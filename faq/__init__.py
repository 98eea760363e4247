"""The content: what the bot may say."""
