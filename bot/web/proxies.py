"""Whom a request comes from, where proxies of ours stand in front: nobody else's word on it counts."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from bot.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Read address and scheme from what the outermost of our proxies saw; without proxies these headers are noise."""
    count = settings.trusted_proxies
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=0)  # type: ignore[method-assign]
