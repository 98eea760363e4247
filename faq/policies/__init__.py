"""The policy as content staff change it: a draft over the shipped files, tried on past messages, published."""

from faq.policies import watching
from faq.policies.checks import mistakes
from faq.policies.drafts import discard, draft, save
from faq.policies.sheet import Difference, changed, differences, now_in
from faq.policies.trials import ask, latest, lost, vouches
from faq.policies.trying import run
from faq.policies.versions import history, newest, publish, restore

__all__ = [
    "Difference",
    "ask",
    "changed",
    "differences",
    "discard",
    "draft",
    "history",
    "latest",
    "lost",
    "mistakes",
    "newest",
    "now_in",
    "publish",
    "restore",
    "run",
    "save",
    "vouches",
    "watching",
]
