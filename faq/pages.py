"""An article as a page of its own: its heading, and its text as HTML in which nothing can run."""

import re
from dataclasses import replace

from markupsafe import Markup

from faq.articles import pictures, rendering, variables
from faq.articles.cards import Card
from faq.articles.content import live
from faq.models import Article

FIRST_SENTENCE = re.compile(r".+?[？?。!！]|.+", re.DOTALL)
NAMES = re.compile(r"\{name\b")
SHORTENED = 120
MARKS = re.compile(r"!\[[^\]]*\]\([^)]*\)|[*_`#>|\[\]]+|\((?:https?:/)?/[^)]*\)")


def heading(article: Article) -> str:
    """The question as one asks it; the other ways of asking, which stand behind it, are there to be found."""
    found = FIRST_SENTENCE.match(article.question.strip())
    return found.group().strip() if found else article.question


def text(article: Article) -> str:
    """What the page says, as it was written: the long page where there is one, else a wording that names nobody."""
    short = next((wording for wording in article.wordings if not NAMES.search(wording)), article.wordings[0])
    return variables.to_strangers(live(article).page or short)


def html(article: Article) -> Markup:
    """What the page says; HTML in it is shown as the signs that it is made of, and no link runs a script."""
    return rendering.page(text(article))


def shots(article: Article) -> list[str]:
    """The addresses of what a chat shows, but of what the text or the card shows already."""
    content, said = live(article), text(article)
    shown = content.card.picture if content.card else ""
    addresses = (pictures.address(key) for key in content.pictures if key != shown)
    return [address for address in addresses if address not in said]


def card(article: Article) -> Card | None:
    """Its card as a page shows it: what it says, and the pages that it opens; what is tapped in a chat is not there."""
    drawn = live(article).card
    if drawn is None:
        return None
    title, words = map(variables.to_strangers, (drawn.title, drawn.words))
    return replace(drawn, title=title, words=words)


def plain(article: Article) -> str:
    """What the page says, in one line and without marks of writing."""
    return " ".join(MARKS.sub("", text(article)).split())


def summary(article: Article) -> str:
    """The beginning, for lists and for who finds the page elsewhere."""
    said = plain(article)
    return said if len(said) <= SHORTENED else said[:SHORTENED] + "…"
