"""`frontline nlu`: ask the understanding from a terminal, train it, and measure it."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from bot.cli.nlu_evaluate import evaluate
from bot.cli.nlu_explain import explain
from bot.cli.nlu_lint import lint
from bot.cli.nlu_train import train
from bot.cli.root import read_settings, with_services
from bot.errors import ContentError
from bot.nlu.benchmark import run_embedded, run_rasa
from bot.nlu.rasa_server import RasaAway
from bot.nlu.training_data import Example, read_jsonl
from bot.nlu.verdict import reach
from bot.services import Services


@click.group()
def nlu() -> None:
    """Ask, train and measure the understanding."""


for command in (train, evaluate, lint, explain):
    nlu.add_command(command)


@nlu.command()
@with_services
def parse(current: Services) -> None:
    """Read one text a line on standard input; print what it means and where it goes, one JSON object a line."""
    for line in sys.stdin.buffer:
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        print(json.dumps(_judged(current, text), ensure_ascii=False), flush=True)


def _judged(current: Services, text: str) -> dict[str, object]:
    judgement = reach(current.wiring.nlu, text)
    verdict, understanding = judgement.lead, judgement.lead.understanding
    decision = verdict.decision
    return {
        "text": text,
        "intent": decision.intent,
        "category": decision.category,
        "confidence": round(understanding.confidence, 4),
        "risk": verdict.assessment.risk,
        "complexity": verdict.assessment.complexity,
        "level": decision.level,
        "route": decision.route,
        "reasons": list(decision.reasons),
        "rule": decision.rule,
        "priority": decision.priority,
        "team": decision.team,
        "candidates": list(decision.candidates),
        "signals": list(verdict.assessment.signals),
        "entities": [
            {"kind": e.kind, "value": e.value, "start": e.start, "end": e.end}
            for e in judgement.whole.understanding.entities
        ],
        "language": judgement.whole.understanding.language,
        "requests": [one.text for one in judgement.requests],
        "engine": understanding.engine,
        "release": understanding.release,
    }


@nlu.command()
@click.option(
    "--train",
    "train_file",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help='Lines of {"text", "intent"} to learn from.',
)
@click.option(
    "--test",
    "test_file",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="Lines of the same shape to be judged on.",
)
@click.option("--engine", type=click.Choice(["embedded", "rasa"]), default="embedded", show_default=True)
def benchmark(train_file: Path, test_file: Path, engine: str) -> None:
    """Train on one file, judge on another; print accuracy and latency as JSON. Touches no release."""
    try:
        learn, judge = read_jsonl(train_file), read_jsonl(test_file)
    except ContentError as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(_measured(engine, learn, judge), ensure_ascii=False))


def _measured(engine: str, learn: list[Example], judge: list[Example]) -> dict[str, Any]:
    if engine == "embedded":
        return run_embedded(learn, judge)
    settings = read_settings()
    if not settings.rasa_url:
        raise click.ClickException("RASA_URL is not set: name the Rasa server to measure, e.g. http://127.0.0.1:5005")
    try:
        return run_rasa(settings, learn, judge)
    except RasaAway as away:
        raise click.ClickException(f"The Rasa server of RASA_URL did not serve: {away}.") from away
