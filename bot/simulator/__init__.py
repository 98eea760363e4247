"""A small LINE platform on loopback with a phone page, so that a newcomer needs no LINE account.

The bot talks to it as it talks to LINE: signed webhooks in, Messaging API calls out. Demo only.
"""
