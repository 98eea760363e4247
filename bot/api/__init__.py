"""What every part of `/api/v1` shares: tokens, problem documents, idempotency keys, pages, the OpenAPI document.

The routes themselves belong to whoever knows the subject (`handoff.api`).
"""

from bot.api.document import blueprint, spec
from bot.api.gate import Caller, allow, caller
from bot.api.idempotency import SHOWN_ONCE, once
from bot.api.pages import Page, PageQuery, page
from bot.api.problems import NotFound, Problem, answers, problem

__all__ = [
    "SHOWN_ONCE",
    "Caller",
    "NotFound",
    "Page",
    "PageQuery",
    "Problem",
    "allow",
    "answers",
    "blueprint",
    "caller",
    "once",
    "page",
    "problem",
    "spec",
]
