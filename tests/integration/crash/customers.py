"""The customers: each asks about one topic, some ask for a person; most wait for an answer, some write on.

Many write once only: nothing that they would do later calls anybody's attention to a message that was left lying.
"""

import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.builders import text_event
from tests.integration.crash.courier import Courier, Delivery
from tests.integration.crash.platform import Arrival, Platform

# What the shipped understanding is sure of and the demo's content answers, by intent.
TOPICS = {
    "shipping_fee": ("運費怎麼算？", "可以寄到香港、新加坡等海外地區嗎？"),
    "delivery_time_general": ("下單後幾天會收到？", "假日有出貨嗎？可以指定到貨日或時段嗎？"),
    "payment_methods": ("有哪些付款方式？", "信用卡可以分期嗎？"),
    "invoice_tax_id": ("可以打統編嗎？發票怎麼設定？", "載具、捐贈怎麼設定？發票在哪裡看？"),
    "return_how": ("怎麼退貨？", "哪些商品不能退？拆封了可以退嗎？"),
    "points_balance": ("點數怎麼累積、怎麼用？在哪裡看？", "點數、購物金什麼時候入帳？會過期嗎？"),
    "login_problem": ("忘記密碼或登不進去怎麼辦？", "收不到驗證碼，或 LINE、Google 登入失敗怎麼辦？"),
}
PERSON = "我要找真人"
REGULARS, MESSAGES = 125, 14
VISITORS = 300
LATECOMERS, COME_LATE_WITHIN = 60, 6.0
WANT_A_PERSON = 0.15
COME_WITHIN, VISIT_WITHIN = 30.0, 60.0
THINKING = (0.2, 2.5)
PATIENCE = (1.0, 4.0, 20.0, 20.0)
CASE, ALONE = "CS-", 1.5  # whoever has a case is not answered by the bot any more, and goes on
TICK = 0.02


@dataclass
class Writer:
    """A customer at the phone: writes, waits for an answer as long as patience lasts, thinks, writes on."""

    id: str
    topic: str
    script: list[str]
    patience: float
    chance: random.Random
    next_at: float
    heard: int = 0
    written: int = 0

    def write(self, platform: Platform) -> Delivery | None:
        """The next message, once it is time for it."""
        heard = platform.arrived[self.id]
        if len(heard) > self.heard:
            self._hear(heard[self.heard :])
        if not self.script or time.monotonic() < self.next_at:
            return None
        self.next_at = time.monotonic() + self.patience
        self.written += 1
        text = self.script.pop(0)
        return Delivery(self.id, text, text_event(self.id, text))

    def _hear(self, news: list[Arrival]) -> None:
        self.heard += len(news)
        self.next_at = min(self.next_at, time.monotonic() + self.chance.uniform(*THINKING))
        if any(CASE in arrival.text for arrival in news):
            self.patience = min(self.patience, ALONE)


def writers(seed: int) -> list[Writer]:
    chance = random.Random(seed)
    lengths = [MESSAGES] * REGULARS + [1] * VISITORS
    return [
        _writer(seed, number, length, VISIT_WITHIN if length == 1 else COME_WITHIN, random.Random(chance.random()))
        for number, length in enumerate(lengths)
    ]


def latecomers(seed: int, known: int) -> list[Writer]:
    """Some more visitors, beside the `known` people."""
    return [
        _writer(seed, number, 1, COME_LATE_WITHIN, random.Random(seed << 32 | number))
        for number in range(known, known + LATECOMERS)
    ]


def _writer(seed: int, number: int, length: int, within: float, chance: random.Random) -> Writer:
    topic = chance.choice(sorted(TOPICS))
    script = [chance.choice(TOPICS[topic]) for _ in range(length)]
    if chance.random() < WANT_A_PERSON:
        script[chance.randrange(length)] = PERSON
    patience = chance.choice(PATIENCE)
    begins = time.monotonic() + chance.uniform(0, within)
    return Writer(f"U{seed:08x}{number:024d}", topic, script, patience, chance, begins)


def write_all(people: list[Writer], platform: Platform, courier: Courier, deadline: float) -> None:
    """Let everybody write until all has been said, or the time is over."""
    rest = threading.Event()
    while any(person.script for person in people) and time.monotonic() < deadline:
        for delivery in _written(people, platform):
            courier.accept(delivery)
        rest.wait(TICK)


def _written(people: list[Writer], platform: Platform) -> Iterator[Delivery]:
    for person in people:
        if delivery := person.write(platform):
            yield delivery
