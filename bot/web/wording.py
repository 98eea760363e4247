"""Templates that hold nothing but words are drawn once a language, not for every page that imports them.

The titles of states, kinds and categories are hundreds of look-ups, and a list imports them from eight places.
"""

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask.sansio.app import App
from flask_babel import get_locale
from jinja2 import Template
from jinja2.environment import TemplateModule

Spoken = dict[str, TemplateModule]


class Wording(Template):
    """A template. One that was named below knows no page; its macros ask for language and member when called."""

    def make_module(
        self, vars: dict[str, Any] | None = None, shared: bool = False, locals: Mapping[str, Any] | None = None
    ) -> TemplateModule:
        words: dict[str | None, Spoken] = self.environment.words  # type: ignore[attr-defined]  # added below
        if self.name not in words:
            return super().make_module(vars, shared, locals)
        spoken, language = words[self.name], str(get_locale())
        if language not in spoken:
            spoken[language] = super().make_module()
        return spoken[language]


def init_app(app: Flask) -> None:
    app.jinja_env.extend(words={})
    app.jinja_env.template_class = Wording


def draw_once(app: App, name: str) -> None:
    """This template is the same on every page of a language."""
    app.jinja_env.words[name] = {}  # type: ignore[attr-defined]
