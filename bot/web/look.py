"""What templates need to look like one house: built files, icons, language, theme, times."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, g, request, url_for
from flask_babel import Babel, format_date, get_locale, get_translations
from markupsafe import Markup

from bot.auth import me
from bot.clock import now
from bot.errors import FrontlineError
from bot.language import verdict
from bot.settings import Settings
from bot.tongues import LANGUAGES, TRANSLATIONS
from bot.web import wording
from bot.web.avatars import initial, tint

PACKAGE = Path(__file__).parent.parent
BUILD = PACKAGE / "static" / "build"


def init_app(app: Flask, settings: Settings) -> None:
    """Set up translation (the zh-TW text is the msgid) and the names that templates use."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(app, default_locale="zh_Hant_TW", locale_selector=locale)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # the extension i18n adds it
        gettext=lambda text: _texts().ugettext(text),
        ngettext=lambda one, many, number: _texts().ungettext(one, many, number),
        newstyle=True,
    )
    wording.init_app(app)
    wording.draw_once(app, "words.html")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(asset=asset, icon=icon, me=me, now=now, settings=settings, language=language)
    app.jinja_env.globals.update(theme=theme, initial=initial, tint=tint, format_date=format_date)
    app.jinja_env.globals["verdict"] = lambda name: verdict(name, language())
    app.jinja_env.filters["local"] = lambda at: at.astimezone(settings.zone)
    app.jinja_env.filters["moment"] = lambda at: moment(at, settings)
    app.jinja_env.filters["clock"] = lambda at: f"{at.astimezone(settings.zone):%H:%M}"


def _texts() -> Any:
    """The texts of the language in which this page is drawn: it says hundreds, so they are looked up once."""
    if "texts" not in g:
        g.texts = get_translations()
    return g.texts


@cache
def manifest() -> dict[str, dict[str, Any]]:
    """The front end's build, by source name."""
    path = BUILD / "manifest.json"
    if not path.exists():
        raise FrontlineError("the front end is not built: run `make setup`")
    entries: dict[str, dict[str, Any]] = json.loads(path.read_text())
    return entries


def asset(name: str) -> str:
    """The address of a built file, such as `app.css`."""
    return url_for("static", filename="build/" + manifest()[f"src/{name}"]["file"])


def icon(name: str, classes: str = "") -> Markup:
    """An icon of the sprite; it is decoration, so its meaning must stand beside it or in an aria-label."""
    return _icon(request.script_root, name, classes)


@cache
def _icon(root: str, name: str, classes: str) -> Markup:
    """Drawn once for each place under which the house is reached: a list shows two hundred."""
    markup = '<svg class="i {}" aria-hidden="true"><use href="{}#{}"/></svg>'
    return Markup(markup).format(classes, asset("icons.svg"), name)


def locale() -> str:
    """The language chosen by hand, else the browser's best, else Traditional Chinese."""
    chosen = LANGUAGES.get(request.cookies.get("language", ""))
    return chosen or ("en" if request.accept_languages.best_match(["zh-TW", "zh", "en"]) == "en" else "zh_Hant_TW")


def language() -> str:
    """The page's language as a language tag."""
    return "en" if str(get_locale()) == "en" else "zh-Hant-TW"


def theme() -> str:
    """The theme chosen by hand: light or dark; empty where the device decides."""
    chosen = request.cookies.get("theme", "")
    return chosen if chosen in ("light", "dark") else ""


def moment(at: datetime, settings: Settings) -> str:
    """A time as staff read it: only the clock today, else the day as well, and the year where it is another."""
    local, today = at.astimezone(settings.zone), now().astimezone(settings.zone)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    year = "" if local.year == today.year else f"{local.year}/"
    return f"{year}{local.month}/{local.day} {local:%H:%M}"
