"""Long pages from Markdown to what a browser shows. HTML in them is text; what is left is cleaned all the same."""

from functools import cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

TAGS = {
    *("h1", "h2", "h3", "h4", "p", "br", "hr", "strong", "em", "s", "a", "ul", "ol", "li", "blockquote", "code", "pre"),
    *("table", "thead", "tbody", "tr", "th", "td", "img"),
}
ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title"}}
SCHEMES = {"https", "http", "mailto", "tel"}


def page(markdown: str) -> Markup:
    """The page's HTML, which can do nothing but be read."""
    html = _parser().render(markdown)
    return Markup(nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES))


def tokens(markdown: str) -> list[Token]:
    """What the page is made of, in the order in which it is read."""
    return _parser().parse(markdown)


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("js-default", {"breaks": True})
