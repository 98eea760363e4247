"""What a rich menu looks like, within LINE's limits: a picture in equal parts, each of which says, brings or opens."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from bot.errors import Refused
from bot.messages import printable
from bot.ports import Menu, MenuArea

STATES = ("bot", "human")
LAYOUTS: Mapping[str, tuple[int, int, int]] = {
    "six": (3, 2, 1686),
    "four": (2, 2, 1686),
    "three": (3, 1, 843),
    "two": (2, 1, 843),
    "one": (1, 1, 843),
}
"""Columns, rows, and the height of a picture that is 2500 wide."""
WIDE = 2500
MOST_PARTS = 6
BAR, LABEL, TEXT, DATA, LINK = 14, 20, 300, 300, 1000
SCHEMES = ("https", "tel")
Kind = Literal["", "text", "postback", "link"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Part:
    """What a tap on a part does; nothing, where it has no kind."""

    kind: Kind = ""
    label: str = ""
    value: str = ""


@dataclass(frozen=True)
class Design:
    """A menu as its editor sees it; `picture` is the key of a picture in the store, `mime` its type."""

    layout: str = "six"
    bar: str = ""
    opened: bool = True
    picture: str = ""
    mime: str = ""
    width: int = 0
    height: int = 0
    parts: tuple[Part, ...] = ()

    @property
    def count(self) -> int:
        """How many parts it has."""
        columns, rows, _ = LAYOUTS[self.layout]
        return columns * rows

    @property
    def texts(self) -> tuple[str, ...]:
        """All that customers may come to see or say of it; what stands in its picture nobody reads here."""
        return (self.bar, *(text for part in self.parts for text in (part.label, part.value)))

    def part(self, at: int) -> Part:
        return self.parts[at] if at < len(self.parts) else Part()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def read(data: Mapping[str, Any] | None) -> Design:
    """A design as it was kept."""
    kept = dict(data or {})
    return Design(**{**kept, "parts": tuple(Part(**part) for part in kept.get("parts", ()))})


def typed(layout: str, bar: str, opened: bool, parts: Sequence[tuple[str, str, str]]) -> Design:
    """A design as somebody typed it, still without its picture."""
    layout = layout if layout in LAYOUTS else "six"
    kept = (
        Part(kind if kind in KINDS else "", printable(label).strip(), printable(value).strip())
        for kind, label, value in parts[:MOST_PARTS]
    )
    return Design(layout=layout, bar=printable(bar).strip(), opened=opened, parts=tuple(kept))


def check(design: Design) -> None:
    """Refused where LINE, or a customer, could do nothing with it."""
    if not 1 <= len(design.bar) <= BAR:
        raise Refused("選單列的文字要 1 到 %(most)s 個字。", most=BAR).at("bar")
    if not design.picture:
        raise Refused("選單要有圖片。").at("picture")
    if not fits(design.layout, design.width, design.height):
        whole = LAYOUTS[design.layout][2]
        raise Refused("圖片的比例和版型不合：這個版型要 2500 × %(height)s，或同比例縮小。", height=whole).at("picture")
    used = [(at, design.part(at)) for at in range(design.count) if design.part(at).kind]
    if not used:
        raise Refused("至少一格要有動作。").at("kind0")
    for at, part in used:
        _check_part(at, part)


def _check_part(at: int, part: Part) -> None:
    if not 1 <= len(part.label) <= LABEL:
        raise Refused("第 %(n)s 格要有說明，最多 %(most)s 個字。", n=at + 1, most=LABEL).at(f"label{at}")
    most = {"text": TEXT, "postback": DATA, "link": LINK}[part.kind]
    if not 1 <= len(part.value) <= most:
        raise Refused("第 %(n)s 格要寫清楚點了會怎樣，最多 %(most)s 個字。", n=at + 1, most=most).at(f"value{at}")
    if part.kind == "link" and not _leads_somewhere(part.value):
        raise Refused("第 %(n)s 格的連結要用 https:// 或 tel: 開頭。", n=at + 1).at(f"value{at}")


def _leads_somewhere(address: str) -> bool:
    try:
        found = urlsplit(address)
    except ValueError:
        return False
    if found.scheme == "tel":
        return any(sign.isdecimal() for sign in found.path)
    return found.scheme in SCHEMES and bool(found.netloc)


def fits(layout: str, width: int, height: int) -> bool:
    """Whether a picture has the proportions of a layout, within two pixels."""
    return abs(height - width * LAYOUTS[layout][2] / WIDE) <= 2


def menu(design: Design, name: str) -> Menu:
    """The menu as LINE takes it."""
    areas = (_area(design, at) for at in range(design.count) if design.part(at).kind)
    return Menu(name, design.bar, design.width, design.height, tuple(areas), design.opened)


def _area(design: Design, at: int) -> MenuArea:
    columns, rows, _ = LAYOUTS[design.layout]
    width, height = design.width // columns, design.height // rows
    row, column = divmod(at, columns)
    part = design.part(at)
    assert part.kind, "only parts that do something are areas"
    return MenuArea(column * width, row * height, width, height, part.kind, part.label, part.value)
