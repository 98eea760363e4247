"""The pages of the house that belong to nobody's desk: home, sign-in, errors; and the look all pages share."""

from flask import Flask

from bot import auth
from bot.auth import provider as house_provider
from bot.services import Services
from bot.web import account, errors, files, look, own_password, provider, proxies, second_step, security
from bot.web.pages import blueprint

__all__ = ["account", "blueprint", "files", "init_app", "own_password", "provider", "second_step"]


def init_app(app: Flask, services: Services) -> None:
    """Give the app sign-in, the house's look, headers and error pages."""
    proxies.init_app(app, services.settings)
    auth.init_app(app, services)
    house_provider.init_app(app, services.settings)
    look.init_app(app, services.settings)
    security.init_app(app, services.settings)
    errors.init_app(app)
