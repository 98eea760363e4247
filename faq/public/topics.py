"""What customers find the articles under: the fixed categories, gathered; a category of the shop's own as it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, Text, cast, func, select
from sqlalchemy.orm import Session

from faq.articles import valid
from faq.models import Article

UNSHOWN = ("greeting", "thanks_bye", "campaign_reply", "want_human", "out_of_scope")
"""What the bot says there answers nobody's question."""
ICONS = {
    "orders": "truck",
    "payment": "card",
    "returns": "swap",
    "goods": "box",
    "members": "user",
    "loans": "shield",
}
GATHERED = {
    "orders": ("orders", "order_status", "shipping_fee_time", "change_order_data", "cancel_order"),
    "payment": ("payment", "payment_info", "payment_failure", "invoice_receipt"),
    "returns": ("returns", "return_refund", "exchange", "damaged_or_defective"),
    "goods": ("goods", "stock_product_info", "promotion_coupon"),
    "members": (
        "members",
        "membership_account",
    ),
    "loans": ("loans", "loan_inquiry", "contract_loan_terms", "personal_data_change"),
    "other": ("other", "", "complaint", "safety_incident"),
}


@dataclass(frozen=True)
class Topic:
    """A shelf: what it is called in addresses, and the categories on it."""

    key: str
    categories: tuple[str, ...]
    articles: int = 0

    @property
    def name(self) -> str:
        return _names().get(self.key, self.key)

    @property
    def icon(self) -> str:
        return ICONS.get(self.key, "book")


def shown() -> Select[Article]:
    """What strangers may read: what counts today, answers a question and is not for customers of some tiers alone."""
    for_all = cast(Article.tiers, Text) == "[]"
    return select(Article).where(*valid.COUNTS, Article.category.not_in(UNSHOWN), for_all).params(valid.today())


def spoken(session: Session, language: str, *where: ColumnElement[bool]) -> Select[Article]:
    """The articles in the reader's language; where nobody wrote any of these in it, in whatever they are written."""
    wanted = shown().where(*where)
    own = wanted.where(Article.language == language)
    return own if session.scalar(own.with_only_columns(Article.id).limit(1)) else wanted


def stocked(session: Session, language: str) -> list[Topic]:
    """The topics that there is something to read on."""
    counted = shown().with_only_columns(Article.category, Article.language, func.count())
    rows = session.execute(counted.group_by(Article.category, Article.language)).all()
    topics = [Topic(key, categories, _count(rows, categories, language)) for key, categories in _shelves(rows)]
    return [topic for topic in topics if topic.articles]


def topic(key: str) -> Topic:
    """The topic of an address."""
    return Topic(key, GATHERED.get(key, (key,)))


def of(category: str) -> Topic:
    """The topic on which an article of this category stands."""
    return topic(next((key for key, categories in GATHERED.items() if category in categories), category))


def _shelves(rows: Sequence[tuple[str, str, int]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    known = {category for categories in GATHERED.values() for category in categories}
    own = sorted({category for category, *_ in rows} - known)
    *first, last = GATHERED.items()
    yield from (*first, *((category, (category,)) for category in own), last)


def _count(rows: Sequence[tuple[str, str, int]], categories: Sequence[str], language: str) -> int:
    held = [(tongue, number) for category, tongue, number in rows if category in categories]
    own = sum(number for tongue, number in held if tongue == language)
    return own or sum(number for _, number in held)


def _names() -> dict[str, str]:
    return {
        "orders": _("出貨與物流"),
        "payment": _("付款與發票"),
        "returns": _("退貨與換貨"),
        "goods": _("商品與優惠"),
        "members": _("會員與點數"),
        "loans": _("借款與合約"),
        "other": _("其他"),
    }
