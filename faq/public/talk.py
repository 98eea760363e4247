"""On to a person: into the chat, with a first message that says what was read or looked for."""

from urllib.parse import quote

from flask import current_app, url_for
from flask_babel import gettext as _

from bot.auth import at_home
from bot.settings import Settings

LINE = "https://line.me/R/oaMessage/{account}/?{words}"
QUOTED = 60  # characters of what was read or looked for that the message repeats


def chat(settings: Settings, words: str) -> str:
    """The address that opens our chat with these words ready to be sent; empty where nobody said whose it is."""
    if settings.line_basic_id:
        return LINE.format(account=quote(settings.line_basic_id), words=quote(words))
    if "simulator" in current_app.blueprints and at_home():
        return url_for("simulator.page", say=words)
    return ""


def after_reading(heading: str) -> str:
    """What somebody says whom an article did not help: surely a wish for a person, who hears what was read."""
    return str(_("轉真人：我看過「%(heading)s」，還需要協助。", heading=heading[:QUOTED]))


def after_looking(query: str) -> str:
    """What somebody says who found nothing."""
    return str(_("轉真人：我想問「%(query)s」。", query=query[:QUOTED]) if query else _("轉真人"))
