"""/content/intents: the intents, the sentences of one, and what can be done with them."""

from collections.abc import Sequence

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from bot.errors import Refused
from bot.matrix import answered
from faq import drafts, releases, training
from faq.training import Added, Line, Working
from faq.training.likeness import LEAST
from faq.understanding.listing import articles_of, last_evaluation, pieces, rows
from faq.understanding.visit import back, blueprint, done_or_told, draw, given, title_of
from faq.visit import approvers, do, keepers, member, reading, services, told

FIRST = 40  # sentences on a page, until all are asked for
ANSWER = 5000
LONGEST = 60_000  # characters of what is pasted at once
KEYS = 500  # sentences ticked at once


@blueprint.get("/intents")
@keepers
def intents() -> ResponseReturnValue:
    """All of them; a phone shows this first and one of them after."""
    with reading() as session:
        return _page(session)


@blueprint.get("/intents/<name>")
@keepers
def intent(name: str) -> ResponseReturnValue:
    """One intent and its sentences."""
    with reading() as session:
        return _page(session, name) if name in training.drafted(session).intents else abort(404)


@blueprint.post("/intents")
@keepers
def make_intent() -> ResponseReturnValue:
    """A new one, with what it weighs and, as the draft of an article, what is answered."""
    by, answer = member().id, given("answer", ANSWER)
    facts = {field: given(field) for field in ("title", "category", "risk", "complexity", "level", "team")}

    def make(session: Session) -> str:
        made = training.make(session, by=by, **facts)
        if answer:
            cells = {"external_id": f"I-{made.name}", "question": made.title, "answer": answer, "intent": made.name}
            saved = drafts.save(session, [(1, cells | {"category": made.category})], publish=False, by=by)
            if saved.problems:
                raise saved.problems[0].refused.at("answer")
        return made.name

    try:
        name: str = do(make)
    except Refused as refused:
        with reading() as session:
            return _page(session, refused=refused), 409
    flash(gettext("已建立「%(title)s」。教它例句，再建立版本，機器人才認得。", title=facts["title"]))
    return redirect(url_for("understanding.intent", name=name))


@blueprint.post("/intents/<name>/sentences")
@keepers
def add_sentences(name: str) -> ResponseReturnValue:
    """Many at once, a line each; those that are refused stay in the field with their reasons."""
    by, lines = member().id, given("texts", LONGEST).splitlines()
    try:
        added: Added = do(lambda session: training.add(session, name, lines, by=by))
    except Refused as refused:
        return back("intents", told(refused), "refused")
    if added.texts:
        flash(gettext("已加入 %(count)s 句。建立版本之後才會生效。", count=len(added.texts)))
    if not added.left:
        return redirect(url_for("understanding.intent", name=name))
    with reading() as session:
        return _page(session, name, left=added.left), 409


@blueprint.post("/intents/<name>/change")
@keepers
def change_sentences(name: str) -> ResponseReturnValue:
    """Move the ticked ones to another intent, or learn from them no more."""
    by, keys, to = member().id, request.form.getlist("key")[:KEYS], given("to")
    if request.form.get("do") == "remove":
        words = gettext("已移除。要救回來，到「版本」看修改。")
        return done_or_told(
            lambda session: training.remove(session, keys, out_of=name, by=by), "intent", words, name=name
        )
    words = gettext("已搬到「%(title)s」。", title=title_of(to))
    return done_or_told(
        lambda session: training.move(session, keys, to, out_of=name, by=by), "intent", words, name=name
    )


@blueprint.post("/intents/<name>/split")
@keepers
def split_intent(name: str) -> ResponseReturnValue:
    """The ticked ones become a new intent of the same weight."""
    by, keys, title = member().id, request.form.getlist("key")[:KEYS], given("title")
    try:
        made: str = do(lambda session: training.split(session, keys, title, out_of=name, by=by).name)
    except Refused as refused:
        return back("intent", told(refused), "refused", name=name)
    words = gettext("已拆成「%(title)s」，類別、風險和團隊跟原來一樣。建立版本之後才會生效。", title=title)
    return back("intent", words, name=made)


@blueprint.post("/intents/<name>/merge")
@keepers
def merge_intent(name: str) -> ResponseReturnValue:
    """All of its sentences become another one's."""
    by, into = member().id, given("to")
    words = gettext("已全部併入「%(title)s」。", title=title_of(into))
    return done_or_told(lambda session: training.merge(session, name, into, by=by), "intent", words, name=name)


@blueprint.post("/intents/take-back")
@keepers
def take_back() -> ResponseReturnValue:
    """One sentence as the files have it."""
    by, key = member().id, given("key")
    return done_or_told(lambda session: training.take_back(session, key, by=by), "releases", gettext("已還原。"))


@blueprint.post("/intents/take-all-back")
@approvers
def take_all_back() -> ResponseReturnValue:
    """What is not live is given up; what the live release has learned stays."""
    by, settings, words = member().id, services().settings, gettext("還沒上線的修改都放棄了，例句和線上版本學的一樣。")
    return done_or_told(lambda session: releases.give_up(session, settings, by=by), "releases", words)


@blueprint.post("/intents/<name>/advice")
@keepers
def advice(name: str) -> ResponseReturnValue:
    """What is to be said of the lines that are being typed."""
    with reading() as session:
        working = Working.read(session)
        found = list(training.advise(working, name, given("texts", LONGEST).splitlines()))
    return draw("advice", advice=found, told=told, name=name, policy=working.policy)


@blueprint.get("/intents/<name>/likeness")
@keepers
def likeness(name: str) -> ResponseReturnValue:
    """How much each sentence on the page is like its fellows; apart from the page, which need not wait for it."""
    with reading() as session:
        working = Working.read(session)
        if name not in working.policy.intents:
            abort(404)
        found = training.likeness(working, _shown(working.of(name)))
    return draw("likeness", found=found, least=LEAST, policy=working.policy)


def _shown(lines: Sequence[Line]) -> Sequence[Line]:
    return lines if "all" in request.args else lines[:FIRST]


def _page(session: Session, name: str = "", **known: object) -> str:
    working, query = Working.read(session), request.args.get("q", "").strip()[:60]
    policy = working.policy
    lines = working.of(name) if name else []
    shown = {
        "rows": rows(working, policy, last_evaluation(session), query),
        "query": query,
        "name": name,
        "own": policy.intents.get(name),
        "articles": articles_of(session, name) if name else (),
        "automatic": name in answered(policy),
        "lines": _shown(lines),
        "more": len(lines) - len(_shown(lines)),
        "every": "all" in request.args,
        "count": len(lines),
        "edits": len(working.edits),
        "pieces": pieces,
        "told": told,
        "left": (),
        "policy": policy,
        "refused": None,
    }
    return draw("intents", **{**shown, **known})
