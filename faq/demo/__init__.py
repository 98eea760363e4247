"""The articles of the demo's shop, so that a newcomer's first question has an answer, and its agents' templates."""

from pathlib import Path

import yaml
from sqlalchemy.orm import Session

from faq import drafts, replies

ARTICLES = Path(__file__).with_name("faq.yml")
TEMPLATES = Path(__file__).with_name("templates.yml")


def load_demo(session: Session) -> drafts.Saved:
    """Put the demo's articles online; doing it again changes nothing."""
    if not replies.every(session):
        for template in yaml.safe_load(TEMPLATES.read_text("utf-8")):
            replies.put(session, None, **template)
    return drafts.save(session, drafts.read(ARTICLES), publish=True)


def intents() -> frozenset[str]:
    """The intents that these articles answer."""
    checked = [drafts.check(row, cells) for row, cells in drafts.read(ARTICLES)]
    return frozenset(draft.content.intent for draft in checked if isinstance(draft, drafts.Draft)) - {""}
