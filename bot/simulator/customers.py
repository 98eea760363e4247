"""The people one can play on the simulator's phone."""

import hashlib
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Person:
    """A customer as LINE knows them; the tier is the shop's and shown beside the name."""

    id: str
    name: str
    language: str
    tier: str = ""

    def as_columns(self) -> dict[str, str]:
        return asdict(self)


def _person(key: str, name: str, language: str = "zh-TW", tier: str = "") -> Person:
    digest = hashlib.sha256(f"frontline simulator {key}".encode()).hexdigest()
    return Person("U" + digest[:32], name, language, tier)


CUSTOMERS = (
    _person("chen", "陳怡君", tier="金卡"),
    _person("huang", "黃柏翰"),
    _person("lin", "林淑芬", tier="銀卡"),
    _person("tsai", "Emily Tsai", language="en"),
    _person("wu", "吳承恩"),
)
