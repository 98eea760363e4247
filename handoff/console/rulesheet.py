"""What the two pages share that edit the rules: tried before it counts, refused by field, kept in versions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bot import db
from bot.errors import Refused
from bot.transactions import transact
from handoff.clocks import previews, versions
from handoff.clocks.previews import Preview
from handoff.console import rulebook
from handoff.console.visit import member, services, sidebar
from handoff.hours import WEEKDAYS
from handoff.models import RuleVersion, Team
from handoff.sla import SHIPPED, InvalidRules, Mistake

LONGEST = 20_000
SHOWN = 20


class Edition(NamedTuple):
    """A version, and what it changed of the one before."""

    version: RuleVersion
    differences: list[tuple[str, str]]


@dataclass(frozen=True)
class Sheet:
    """A page of fields for some parts of the rules.

    `written`: the document as the fields say, from the one before. `beside`: what else the page shows of a document.
    """

    template: str
    view: str
    endpoint: str
    written: Callable[[Mapping[str, str], str], str]
    beside: Callable[[Session, str], dict[str, Any]]

    def preview(self) -> ResponseReturnValue:
        """What the rules in the form would change; nothing is set."""
        with db.reading(services().sessions) as session:
            text = self._text(session)
            try:
                return self.show(session, text, preview=previews.preview(session, text))
            except InvalidRules as invalid:
                return self.show(session, text, mistakes=invalid.mistakes), 422

    def publish(self) -> ResponseReturnValue:
        """Have them count from now on."""
        note, based_on, me = request.form.get("note", ""), request.form.get("based_on", 0, type=int), member().id
        with db.reading(services().sessions) as session:
            text = self._text(session)
        try:
            version = transact(services().sessions, lambda s: versions.publish(s, text, me, note, based_on))
        except InvalidRules as invalid:
            return self._refused(text, invalid.mistakes), 422
        except Refused as refused:
            return self._refused(text, [Mistake("", refused)]), 409
        flash(gettext("已儲存為第 %(version)s 版，之後的新案件都照它。", version=version))
        return redirect(url_for(self.endpoint))

    def show(
        self,
        session: Session,
        text: str,
        preview: Preview | None = None,
        mistakes: list[Mistake] | None = None,
        note: str = "",
    ) -> str:
        """The fields of a document, what it would change, and what is wrong with it."""
        history = _history(session)
        expert = "document" in request.form and bool(mistakes)
        told = [(mistake.field, gettext(mistake.why.reason, **mistake.why.facts)) for mistake in mistakes or ()]
        return render_template(
            self.template,
            document=text,
            book=rulebook.opened(versions.document(session) if expert else text),
            expert=expert,
            preview=preview,
            mistakes=told,
            history=history,
            based_on=history[0].version.id if history else 0,
            note=request.form.get("note", note),
            teams=session.scalars(select(Team).order_by(Team.id)).all(),
            weekdays=WEEKDAYS,
            view=self.view,
            **self.beside(session, text),
            **sidebar(session),
        )

    def _text(self, session: Session) -> str:
        """The document as an expert wrote it, or as the fields say."""
        if "document" in request.form:
            return request.form["document"][:LONGEST].replace("\r\n", "\n")
        return self.written(request.form, versions.document(session))[:LONGEST]

    def _refused(self, text: str, mistakes: list[Mistake]) -> str:
        with db.reading(services().sessions) as session:
            return self.show(session, text, mistakes=mistakes)


def _history(session: Session) -> list[Edition]:
    """The last versions, the newest first, each beside the one before it."""
    newest = select(RuleVersion).options(joinedload(RuleVersion.user)).order_by(RuleVersion.id.desc()).limit(SHOWN + 1)
    found = list(session.scalars(newest))
    before = [version.document for version in found[1:]] + [SHIPPED.read_text("utf-8")]
    pairs = zip(found[:SHOWN], before, strict=False)
    return [Edition(version, rulebook.differences(old, version.document)) for version, old in pairs]
