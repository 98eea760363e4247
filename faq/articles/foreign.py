"""HTML in what is written as Markdown, and links that lead to no page: readers would see signs, or nothing at all,
where their author meant something else. Each is told with its place, before it goes live.
"""

import re
from collections.abc import Iterator
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.errors import Refused
from faq.articles.rendering import SCHEMES

TAG = re.compile(r"<(?:/?([a-zA-Z][\w-]*)[^>]*>?|!--|[!?][^>]*>?)")
RUNS = {
    *("script", "style", "iframe", "frame", "object", "embed", "applet", "svg", "math", "video", "audio", "template"),
}
DRAWS = {  # nothing by its name alone: <link> may be what a reader fills in
    *("form", "input", "button", "select", "textarea", "base", "link", "meta", "html", "head", "body", "noscript"),
}
DOES = re.compile(r"\son\w+\s*=|(?:javascript|vbscript)\s*:", re.IGNORECASE)
# What else stands between such signs, as in <order-id>, is meant to be read.
LOOKS = {*nh3.ALLOWED_TAGS, *DRAWS, "font", "big"}
ADDRESSES = {"link_open": "href", "image": "src"}
SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
BREAKS = ("softbreak", "hardbreak")
MAY_BE = re.compile(r"[<\]]")
SHOWN = 60  # characters of what is wrong


def faults(text: str, part: int) -> list[Refused]:
    """What is wrong with the part of an article that has this number: of each kind the first, with its line."""
    first: dict[str, Refused] = {}
    for token, line in _tokens(text) if MAY_BE.search(text) else ():
        for refused in _wrong(token, part, line):
            first.setdefault(refused.reason, refused)
    return list(first.values())


def _tokens(text: str) -> Iterator[tuple[Token, int]]:
    """What may be wrong, with its line."""
    for block in _parser().parse(text):
        line = block.map[0] + 1 if block.map else 1
        yield block, line
        for token in block.children or ():
            yield token, line
            line += token.type in BREAKS or token.content.count("\n")


def _wrong(token: Token, part: int, line: int) -> Iterator[Refused]:
    if token.type in ("html_block", "html_inline"):
        for tag in TAG.finditer(token.content):
            yield from _tag(tag, part, line + token.content.count("\n", 0, tag.start()))
    address = str(token.attrs.get(ADDRESSES.get(token.type, ""), ""))
    scheme = SCHEME.match(address)
    if scheme and scheme[1].lower() not in SCHEMES:
        at = {"part": part, "line": line, "what": address[:SHOWN]}
        yield Refused(
            "第 %(part)s 段第 %(line)s 行的連結「%(what)s」不能用：開頭要是 https://、http://、mailto: 或 tel:。", **at
        )


def _tag(tag: re.Match[str], part: int, line: int) -> Iterator[Refused]:
    """Comments and declarations, which have no name, are read by everybody, too."""
    name, what = (tag[1] or "").lower(), tag[0].partition("\n")[0][:SHOWN]
    at = {"part": part, "line": line, "what": what}
    if name in RUNS or (name in DRAWS and "=" in tag[0]) or (name and DOES.search(tag[0])):
        yield Refused("第 %(part)s 段第 %(line)s 行的「%(what)s」會執行程式或嵌入別的東西，不能用，請刪掉。", **at)
    elif name in LOOKS or not name:
        yield Refused(
            "第 %(part)s 段第 %(line)s 行的「%(what)s」是 HTML，會照字面顯示，請刪掉；長文可用 Markdown，如 **粗體**。",
            **at,
        )


class _Parser(MarkdownIt):
    """It sees what the pages' own takes for text."""

    def validateLink(self, url: str) -> bool:
        return True


@cache
def _parser() -> MarkdownIt:
    return _Parser("js-default", {"html": True, "breaks": True})
