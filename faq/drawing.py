"""An article's card as a message: drawn where the platform has cards, and as a text that says all of it elsewhere."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from bot import messages, services
from bot.messages import Button, Link, Outbound
from faq.articles import cards, pictures, variables
from faq.articles.cards import Card
from faq.models import Article


def under(article: Article) -> tuple[Button, ...]:
    """The buttons below whatever is said of an article."""
    return tuple(Button(label, label) for label in article.buttons)


def drawn(article: Article, card: Card, wording: str, known: Mapping[str, str]) -> Outbound:
    """The card with what is known in its variables; a film is one more way on."""
    title, words = variables.filled(card.title, known), variables.filled(card.words or wording, known)
    links = (*(Link(way.label, way.to) for way in card.of(cards.LINK)), *_film(article))
    text = "\n".join((title, words, *(f"{link.label}：{link.url}" for link in links)))
    choices = tuple(Button(way.label, way.to or way.label) for way in card.ways if way.kind != cards.LINK)
    shown = messages.Card("", title, (), links, words, _address(card), choices)
    return Outbound(text, under(article), card=shown)


def _film(article: Article) -> tuple[Link, ...]:
    """Named by where it is shown."""
    return (Link(f"▶ {urlsplit(article.video).hostname}"[: cards.LABEL], article.video),) if article.video else ()


def _address(card: Card) -> str:
    """Where platforms fetch its picture; nothing where they could not fetch it from us."""
    house = services.current().settings.outside
    return f"{house}{pictures.address(card.picture)}" if card.picture and house else ""
