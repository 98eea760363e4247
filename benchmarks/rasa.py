"""Rasa beside us: one lesson and one test for our engine, for Rasa with our component in its pipeline, and for Rasa's
own DIET; then customers' questions through Frontline, and at the same moments through Rasa's REST channel.
"""

import itertools
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests
import yaml

from benchmarks import machine, nlu, past, processes
from benchmarks.latency import by_characters, cost, figures, warm_up
from benchmarks.load import share
from benchmarks.questions import mixed
from benchmarks.shop import release
from benchmarks.stage import stage
from bot.matrix import answered
from bot.nlu import embedding, shipped
from bot.nlu.algorithm import Prediction
from bot.nlu.heldout import Case
from bot.nlu.policy import load
from bot.nlu.rasa_server import Answer
from bot.nlu.rasa_training import project
from tests.running_rasa import RunningRasa, running_rasa

PIPELINES = {"rasa_with_our_component": "config.yml", "rasa_diet": "config-diet.yml"}
WARM_UP = 30
NEAR = 0.02  # between two confidences that count as the same
PATIENCE = 60.0
THREADS = 32
ANSWER = "這是回覆。"


def measure(rate: float, seconds: float, pipelines: Sequence[str]) -> dict[str, Any]:
    """Everything, one after another; `rate` and `seconds` are those of the customers."""
    tests, facts = nlu.cases(), {"benchmark": "rasa", **machine.facts()}
    model, training = nlu.trained()
    ours = [model.predict(case.text) for case in tests]
    embedded = training | nlu.judged(model, tests)
    moments = list(itertools.takewhile(lambda moment: moment < seconds, _moments(rate)))
    questions, frontline = _frontline(moments, rate, seconds)
    beside = {name: _rasa(PIPELINES[name], tests, ours, (questions, moments)) for name in pipelines}
    return facts | {"embedded": embedded, "frontline": frontline} | beside | {"load_average_after": machine.load()}


def _moments(rate: float) -> Iterator[float]:
    dice = random.Random(20)
    return itertools.accumulate(dice.expovariate(rate) for _ in itertools.count())


def _frontline(moments: Sequence[float], rate: float, seconds: float) -> tuple[list[str], dict[str, Any]]:
    """Questions, and how soon a started Frontline replies to them on LINE: stored, judged, answered, journalled."""
    with stage("sqlite", 2 * len(moments) + 400) as shop:
        asked = list(itertools.islice(mixed(release(shop.settings), by_characters(shop)), len(moments)))
        customers = past.customers(2 * len(moments) + 400)
        warm_up(shop, customers)
        before = processes.cpu_by_kind(shop.processes())
        outcome = shop.crowd(itertools.cycle(asked), customers).write(rate, seconds)
        spent = cost(before, processes.cpu_by_kind(shop.processes()), len(outcome.messages))
        memory = processes.memory_by_kind(shop.processes())
        return asked, figures(outcome) | {"cpu_ms_a_message": spent["all"], "memory": memory}


def _rasa(
    config: str, tests: Sequence[Case], ours: Sequence[Prediction], traffic: tuple[list[str], list[float]]
) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="frontline-rasa-") as folder, running_rasa(Path(folder)) as rasa:
        rasa.wait_until_it_answers()
        taught = _taught(rasa, config)
        for example in shipped.examples()[:: len(shipped.examples()) // WARM_UP]:
            rasa.server.ask(example.text)
        answers, times = _asked(rasa, [case.text for case in tests])
        return {
            **taught,
            **_right(answers, tests, ours),
            "model_parse": times,
            "rest_channel": _through_rest(rasa, *traffic),
            "memory": _process(rasa).memory(),
        }


def _taught(rasa: RunningRasa, config: str) -> dict[str, float]:
    """Trained over HTTP, then started anew, so that its memory is that of a server which only serves."""
    started, spent = time.perf_counter(), _process(rasa).cpu
    rasa.server.train(_assistant(config))
    trained, cpu = time.perf_counter() - started, _process(rasa).cpu - spent
    rasa.kill()
    started = time.perf_counter()
    rasa.start()
    rasa.wait_until_it_answers()
    began = time.perf_counter() - started
    return {"train_seconds": round(trained, 1), "train_cpu_seconds": round(cpu, 1), "start_seconds": round(began, 1)}


def _assistant(config: str) -> str:
    """The shipped project with an answer to every intent, so that Rasa can hold the conversation by itself."""
    lesson = {"answered": sorted(answered(load()[0])), "categories": nlu.categories()}
    whole = yaml.safe_load(project(shipped.examples(), config, **lesson, embedding=not embedding.trouble()))
    whole["policies"] = [{"name": "RulePolicy"}]
    whole["responses"] = {f"utter_{intent}": [{"text": ANSWER}] for intent in whole["intents"]}
    whole["rules"] = [
        {"rule": intent, "steps": [{"intent": intent}, {"action": f"utter_{intent}"}]} for intent in whole["intents"]
    ]
    return yaml.safe_dump(whole, allow_unicode=True, sort_keys=False)


def _asked(rasa: RunningRasa, texts: Sequence[str]) -> tuple[list[Answer], dict[str, float]]:
    """What the server makes of each text, one after another as the application asks, and what that took."""
    answers: list[Answer] = []

    def ask(text: str) -> None:
        answer = rasa.server.ask(text)
        assert answer is not None, "every test has words"
        answers.append(answer)

    spent = _process(rasa).cpu
    times = nlu.percentiles([nlu.milliseconds(ask, text) for text in texts])
    return answers, times | {"cpu_ms": _each(_process(rasa).cpu - spent, len(texts))}


def _process(rasa: RunningRasa) -> processes.Process:
    return processes.Process(rasa.process.pid, "rasa")


def _each(seconds: float, count: int) -> float:
    return round(seconds * 1000 / count, 2)


def _right(answers: Sequence[Answer], tests: Sequence[Case], ours: Sequence[Prediction]) -> dict[str, float]:
    category, said = nlu.categories(), [(str(answer.intent.name), answer.intent.confidence) for answer in answers]
    right = [category[name] == case.category for (name, _), case in zip(said, tests, strict=True)]
    pairs = list(zip(said, (prediction.ranking[0] for prediction in ours), strict=True))
    same = [theirs[0] == own[0] for theirs, own in pairs]
    near = [theirs[0] == own[0] and abs(theirs[1] - own[1]) <= NEAR for theirs, own in pairs]
    shares = {"category_accuracy": right, "agrees_with_embedded": same, "agrees_in_confidence_too": near}
    return {name: round(sum(ones) / len(ones), 4) for name, ones in shares.items()}


def _through_rest(rasa: RunningRasa, questions: Sequence[str], moments: Sequence[float]) -> dict[str, Any]:
    """Each question from another customer at its moment, whatever the answers to the ones before take."""
    began, spent = time.perf_counter() + 0.2, _process(rasa).cpu
    with ThreadPoolExecutor(THREADS) as pool:
        replies = list(pool.map(_customer(rasa, began), itertools.count(), questions, moments))
    times = sorted(milliseconds for milliseconds, replied in replies if replied)
    return {
        "messages": len(replies),
        "unanswered": len(replies) - len(times),
        "reply_ms": {f"p{part}": share(times, part / 100) for part in (50, 90, 99)},
        "cpu_ms_a_message": _each(_process(rasa).cpu - spent, len(replies)),
    }


def _customer(rasa: RunningRasa, began: float) -> Callable[[int, str, float], tuple[float, bool]]:
    def write(number: int, question: str, moment: float) -> tuple[float, bool]:
        time.sleep(max(0.0, began + moment - time.perf_counter()))
        body = {"sender": f"customer-{number}", "message": question}
        response = requests.post(f"{rasa.url}/webhooks/rest/webhook", json=body, timeout=PATIENCE)
        replied = response.ok and any(message.get("text") == ANSWER for message in response.json())
        return (time.perf_counter() - began - moment) * 1000, replied

    return write
