"""Those who write articles, at their editor."""

import io
import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from bot.ports import Answer, Query
from faq import drafts
from faq.answers import PublishedAnswers
from tests import console

FEE = {
    "question": "運費怎麼算？",
    "category": "shipping_fee_time",
    "intent": "shipping_fee",
    "language": "zh-TW",
    "wording": ["{name}您好，運費 80 元。"],
}
ACCOUNT = FEE | {"question": "怎麼改扣款帳戶？", "category": "personal_data_change", "intent": "change_bank_account"}
"""Of high risk."""
WALKED = {
    "external_id": "W1",
    "intent": "shipping_fee",
    "category": "shipping_fee_time",
    "question": "家電可以寄嗎？",
    "answer": "先看是哪一種。",
    "tree": "# 哪種\n那台現在怎樣？\n- 沒拆封 -> 多大\n- 冒煙了 -> 不建議：先拔掉插頭。\n\n"
    "# 多大\n有多大？\n- 手提得動 -> 可以：超商就能寄。\n- 找真人 -> 視情況評估",
    "tree_for": "customers",
}
"""With a scenario tree that customers walk; what its options say nobody has learned."""


class Writer:
    """A member of staff at the editor of articles."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def comes_back(self, username: str) -> None:
        """Another day, another session."""
        self.client.post("/sign-in", data={"username": username, "password": console.PASSWORD})

    def begins(self) -> int:
        return int(self.client.post("/content/articles").headers["Location"].rsplit("/", 1)[1])

    def opens(self, article: int, part: str = "") -> TestResponse:
        return self.client.get(f"/content/articles/{article}{part}")

    def revision(self, article: int) -> int:
        page = self.opens(article).get_data(as_text=True)
        found = re.search(r'id="revision" value="(\d+)"', page)
        assert found
        return int(found[1])

    def saves(self, article: int, *, seen: int | None = None, headers: Any = None, **fields: Any) -> TestResponse:
        """Keep these fields, as the form has them."""
        form = {"revision": self.revision(article) if seen is None else seen, **fields}
        return self.client.post(f"/content/articles/{article}/draft", data=form, headers=headers)

    def does(self, article: int, move: str, **fields: Any) -> TestResponse:
        """One of the buttons."""
        where = "decide" if move in ("approve", "return") else "move"
        form = {"revision": self.revision(article), "move": move, **fields}
        answer = self.client.post(f"/content/articles/{article}/{where}", data=form)
        return self.client.get(answer.location) if answer.location else answer

    def hands_in(self, article: int, content: bytes, name: str = "尺寸表.png") -> TestResponse:
        """A picture."""
        given = {"file": (io.BytesIO(content), name)}
        return self.client.post(f"/content/articles/{article}/pictures", data=given)

    def publishes(self, **fields: Any) -> int:
        """A new article that is online at once; wording of low risk may be."""
        article = self.begins()
        assert self.does(article, "publish", **fields).status_code == 200
        return article


def has_a_tree(current: Any) -> None:
    """WALKED is online."""
    with current.sessions.begin() as session:
        assert drafts.save(session, [(1, WALKED)], publish=True).problems == []


def answer(session: Session, intent: str = "shipping_fee", text: str = "運費怎麼算", **more: Any) -> Answer | None:
    """What the bot would say now."""
    return PublishedAnswers().find(session, Query(text, intent, **more))


def said(current: Any, **query: Any) -> str:
    """The same, in words; nothing where it would say nothing."""
    with current.sessions() as session:
        found = answer(session, **query)
        return found.message.text if found else ""


words = console.words
