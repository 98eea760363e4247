"""`frontline nlu explain`: why a text means what it means and goes where it goes, step by step."""

import json
from typing import Any

import click

from bot import db
from bot.cli.root import with_services
from bot.errors import ContentError
from bot.language import fold
from bot.nlu import corpus, release
from bot.nlu.features import prepare
from bot.nlu.model import Model, Prediction
from bot.nlu.nearness import Nearness
from bot.nlu.pointer import active
from bot.nlu.policy import load
from bot.nlu.verdict import Request, reach
from bot.services import Services

NEAREST = 8


@click.command()
@click.argument("text")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_services
def explain(current: Services, text: str, as_json: bool) -> None:
    """Tell how TEXT is read, which rules and signals fire, what each view thinks, and where it goes."""
    found = _explained(current, text)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for name, value in found.items():
        click.echo(f"{name}:" if isinstance(value, list) and value else f"{name}: {_short(value)}")
        for line in value if isinstance(value, list) else ():
            click.echo(f"  {_short(line)}")


def _explained(current: Services, text: str) -> dict[str, Any]:
    judgement = reach(current.wiring.nlu, text)
    verdict = judgement.lead
    understanding, assessment, decision = verdict.understanding, verdict.assessment, verdict.decision
    return {
        "text": text,
        "folded": fold(text),
        "masked": prepare(text),
        "language": judgement.whole.understanding.language,
        "entities": [{"kind": entity.kind, "value": entity.value} for entity in judgement.whole.understanding.entities],
        "requests": [f"{one.text} → {one.decision.intent}, {one.decision.route}" for one in judgement.requests],
        "weightiest": verdict.text,
        "phrase_rule": understanding.rule,
        "signals": _signals(verdict),
        "views": _views(current, text),
        "engine": f"{understanding.engine} {understanding.release}".strip(),
        "intent": understanding.intent,
        "confidence": round(understanding.confidence, 4),
        "threshold": {"accept": understanding.accept, "margin": understanding.margin},
        "sure": understanding.sure,
        "nearest": _nearest(text),
        "category": decision.category,
        "cell": f"{assessment.risk}_{assessment.complexity}",
        "decided_by": decision.rule,
        "route": decision.route,
        "level": decision.level,
        "candidates": list(decision.candidates),
        "reasons": list(decision.reasons),
    }


def _signals(verdict: Request) -> list[dict[str, Any]]:
    """The signals that fired, with what they do."""
    fired = load()[1].fired(fold(verdict.understanding.text), verdict.assessment.category)
    told = {signal.name: signal for signal in fired if signal.name in verdict.assessment.signals}
    return [
        {"name": name, "title": signal.title, "effect": signal.effect.model_dump(exclude_defaults=True)}
        for name, signal in told.items()
    ]


def _views(current: Services, text: str) -> list[dict[str, Any]]:
    """What the active release says by characters alone, and finally; with Rasa, this is the engine behind it."""
    with db.reading(current.sessions) as session:
        live = active(session)
    if live is None:
        return []
    try:
        model = Model.load(release.home(current.settings, live))
    except ContentError as error:
        raise click.ClickException(f"{error}: `frontline nlu train`") from error
    return [_view("characters", model.glance(text)), _view("final", model.predict(text))]


def _view(name: str, prediction: Prediction) -> dict[str, Any]:
    threshold = {"accept": prediction.threshold.accept, "margin": prediction.threshold.margin}
    return {"view": name, "sure": prediction.sure, "threshold": threshold, "ranking": dict(prediction.ranking)}


def _nearest(text: str) -> list[dict[str, Any]]:
    """The training sentences written most alike."""
    known = corpus.sentences()
    hits = Nearness([sentence.form for sentence in known]).nearest(prepare(text), NEAREST)
    return [
        {"text": known[at].text, "intent": known[at].intent, "alike": cosine, "place": known[at].place}
        for at, cosine in hits
    ]


def _short(value: object) -> str:
    """One line for people."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_short(inner)}" for name, inner in value.items())
    return str(value) if value not in ("", [], None) else "-"
