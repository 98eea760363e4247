"""The page of an evaluation: one file that needs no network and no script; figures become shapes here."""

from collections.abc import Sequence
from typing import Any

from flask import Flask

from bot.nlu.policy import load

WIDTH, HEIGHT = 360, 240
LARGEST = 14  # radius of the circle of the fullest tenth


def render(found: dict[str, Any]) -> str:
    """The page; everything in it that customers wrote is escaped."""
    template = Flask("bot").jinja_env.get_template("nlu/evaluation.html")
    titles = {name: category.name for name, category in load()[0].categories.items()}
    return template.render(
        **found,
        titles=titles,
        width=WIDTH,
        height=HEIGHT,
        circles=circles(found["reliability"]),
        curve=curve(found["risk_coverage"]),
        highest=_highest(found["risk_coverage"]),
        heat=heat(found["confusion"]),
    )


def circles(tenths: Sequence[dict[str, float]]) -> list[dict[str, float]]:
    """A circle a tenth of confidence: promised to the right, kept upwards, the more texts the larger."""
    fullest = max((tenth["texts"] for tenth in tenths), default=1)
    return [
        {
            "x": round(tenth["confidence"] * WIDTH, 1),
            "y": round((1 - tenth["accuracy"]) * HEIGHT, 1),
            "r": round(max(3.0, LARGEST * (tenth["texts"] / fullest) ** 0.5), 1),
            **tenth,
        }
        for tenth in tenths
    ]


def curve(points: Sequence[dict[str, float]]) -> str:
    """The risk of the surest texts, as points of a line; the highest risk reaches the top."""
    top = _highest(points)
    places = ((point["coverage"] * WIDTH, (1 - point["risk"] / top) * HEIGHT) for point in points)
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def heat(confusion: dict[str, Any]) -> list[dict[str, Any]]:
    """A row for each expected category: how many, and what share of the row, were taken for each."""
    return [
        {"name": name, "cells": [{"count": count, "share": round(count / max(sum(row), 1), 3)} for count in row]}
        for name, row in zip(confusion["names"], confusion["counts"], strict=True)
    ]


def _highest(points: Sequence[dict[str, float]]) -> float:
    return max((point["risk"] for point in points), default=0.0) or 1.0
