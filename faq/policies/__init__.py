"""The policy as content staff change it: a draft over the shipped files, tried on past messages, published."""

from faq.policies import watching
from faq.policies.checks import mistakes
from faq.policies.drafts import Overtaken, discard, draft, merged, revision, save, working
from faq.policies.sheet import Difference, changed, differences, now_in
from faq.policies.trials import ask, latest, lost, tried
from faq.policies.trying import run
from faq.policies.versions import history, live, publish, restore

__all__ = [
    "Difference",
    "Overtaken",
    "ask",
    "changed",
    "differences",
    "discard",
    "draft",
    "history",
    "latest",
    "live",
    "lost",
    "merged",
    "mistakes",
    "now_in",
    "publish",
    "restore",
    "revision",
    "run",
    "save",
    "tried",
    "watching",
    "working",
]
