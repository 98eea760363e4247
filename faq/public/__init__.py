"""The public FAQ at /help: the same content that the bot answers with, for everybody to find and read."""

from flask import Flask

from faq.public import crawlers, routes

__all__ = ["register"]


def register(app: Flask) -> None:
    """The pages in Chinese and, at addresses of their own, in English; and the lists of them."""
    app.register_blueprint(routes.blueprint)
    app.register_blueprint(routes.blueprint, name=routes.ENGLISH, url_prefix="/help/en")
    app.register_blueprint(crawlers.blueprint)
