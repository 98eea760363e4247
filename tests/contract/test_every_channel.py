"""What every platform's channel keeps, whichever it is: told of LINE, Messenger and Instagram over real sockets.

Letters are not among them: they go one way, by SMTP and not over a platform's HTTP, and no webhook brings any. What
their sending half keeps (never twice, refused, unclear) is told in tests/flows/workspace/test_letters.py.
"""

import json
import socket
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from bot.channels.line import Line, speaking
from bot.channels.messenger import INSTAGRAM, MESSENGER, Messenger, graph
from bot.clock import now
from bot.errors import PermanentSendError, SendError, TemporarySendError, UnknownOutcome
from bot.messages import Button, Outbound
from bot.ports import Channel, Parcel, Profile, Recipient, Spoken
from tests import builders, meta
from tests.fakes import HANG_UP, FakeLine, FakePlatform

REFUSED = (401, {"message": "no", "error": {"code": 190}})
HOSTILE: list[Any] = [
    *(None, True, -1, 1e308, float("nan"), float("inf"), 10**400, "", "\ud800", "a\x00b", "長" * 20_000),
    *([], [[]], {}, [{}], [None], {"id": {}}, {"mid": 7, "text": [], "attachments": 7}),
]


@dataclass(frozen=True)
class Platform:
    """A platform as these stories need it: who `speaks` at an address with a token, and what it sends."""

    name: str
    account: str
    customer: str
    speaks: Callable[..., Channel]
    signed: Callable[[Any], tuple[bytes, dict[str, str]]]
    wraps: Callable[[list[Any]], dict[str, Any]]
    text: Callable[[str, str], dict[str, Any]]
    starts: Callable[[], FakePlatform]
    too_long: str


def _line(url: str, token: str = "a token") -> Channel:
    return Line((builders.SECRET,), token, url)


def _line_body(events: list[Any]) -> dict[str, Any]:
    return {"destination": builders.DESTINATION, "events": events}


def _page(url: str, token: str = meta.PAGE_TOKEN) -> Channel:
    return Messenger(MESSENGER, (meta.SECRET,), token, url, meta.APP)


def _shop(url: str, token: str = meta.SHOP_TOKEN) -> Channel:
    return Messenger(INSTAGRAM, (meta.SECRET,), token, url, meta.APP)


PLATFORMS = [
    Platform(
        name="line",
        account=builders.DESTINATION,
        customer="Uchen",
        speaks=_line,
        signed=lambda body: builders.signed(json.dumps(body).encode()),
        wraps=_line_body,
        text=builders.text_event,
        starts=lambda: FakeLine(profiles={"Uchen": "陳怡君"}).start(),
        too_long="長" * 5001,
    ),
    Platform(
        name="messenger",
        account=meta.PAGE,
        customer="7001",
        speaks=_page,
        signed=meta.signed,
        wraps=lambda events: meta.webhook(*events),
        text=meta.message,
        starts=meta.graph,
        too_long="長" * 2000,
    ),
    Platform(
        name="instagram",
        account=meta.SHOP,
        customer="7001",
        speaks=_shop,
        signed=meta.signed,
        wraps=lambda events: meta.webhook(*events, account=meta.SHOP),
        text=lambda user, text: meta.message(user, text, meta.SHOP),
        starts=meta.graph,
        too_long="長" * 334,
    ),
]


@pytest.fixture(params=PLATFORMS, ids=lambda platform: platform.name)
def platform(request: pytest.FixtureRequest) -> Platform:
    found: Platform = request.param
    return found


@pytest.fixture
def fake(platform: Platform) -> Iterator[Any]:
    started = platform.starts()
    yield started
    started.stop()


@pytest.fixture
def channel(platform: Platform, fake: Any) -> Channel:
    return platform.speaks(address(fake))


def address(fake: Any) -> str:
    return getattr(fake, "base", fake.url)


@pytest.fixture
def nobody() -> str:
    """An address where nothing listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{found.getsockname()[1]}"


def parcel(platform: Platform, said: str | Outbound = "早安") -> Parcel:
    message = said if isinstance(said, Outbound) else Outbound(said)
    whom = Recipient(platform.account, "user", platform.customer)
    return Parcel(whom, (Spoken(message, "bot", "小幫手"),), str(uuid.uuid4()), heard_at=now())


def lower(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def test_only_the_platforms_own_signature_over_these_bytes_counts(platform: Platform, channel: Channel) -> None:
    body, headers = platform.signed(platform.wraps([platform.text(platform.customer, "早安")]))
    (name, right), *_ = headers.items()
    assert channel.verify(body, lower(headers))
    assert not channel.verify(body + b" ", lower(headers))
    for wrong in ("", "x", right[:-2], right.swapcase(), "簽章", "\udcff", "\x00" * 44):
        assert not channel.verify(body, {name.lower(): wrong})
    assert not channel.verify(body, {})


@pytest.mark.parametrize("body", [None, 1, "x", [], [{}], {}, {"events": None}, {"object": "page", "entry": {}}])
def test_what_is_no_webhook_is_told_so(channel: Channel, body: object) -> None:
    with pytest.raises(ValueError, match="list named"):
        channel.split(body)


def test_a_batch_is_split_by_account_and_a_malformed_event_costs_no_neighbour(
    platform: Platform, channel: Channel
) -> None:
    good = platform.text(platform.customer, "早安")
    ((account, events),) = channel.split(platform.wraps([None, good, [1], 7]))
    assert account == platform.account
    inbounds = [channel.normalise(raw) for raw in events]
    assert [(one.what, one.text) for one in inbounds] == [
        ("other", ""),
        ("message", "早安"),
        ("other", ""),
        ("other", ""),
    ]
    assert inbounds[1].source_id == platform.customer


def test_a_repeat_has_the_same_id_and_its_neighbour_another(platform: Platform, channel: Channel) -> None:
    first, second = (platform.text(platform.customer, "早安") for _ in range(2))
    ((_, events),) = channel.split(platform.wraps([first, first, second]))
    one, again, other = (channel.event_id(raw) for raw in events)
    assert one == again != other
    assert one is not None
    assert len(one) <= 80, "as the inbox keeps it"


def test_a_hostile_value_anywhere_is_never_an_error_and_can_be_stored(platform: Platform, channel: Channel) -> None:
    for value in HOSTILE:
        for made in mutated(platform.text(platform.customer, "早安"), value):
            for _, events in channel.split(platform.wraps([made])):
                for raw in events:
                    channel.event_id(raw)
                    inbound = channel.normalise(raw)
                    stored = json.dumps(inbound.payload, allow_nan=False, ensure_ascii=False).encode("utf-8")
                    assert b"\\u0000" not in stored
                    assert "\x00" not in inbound.text
                    inbound.text.encode("utf-8")


def mutated(event: dict[str, Any], value: object) -> Iterator[dict[str, Any]]:
    """The event with each of its fields, and of those below, replaced."""
    for name, held in event.items():
        yield event | {name: value}
        if isinstance(held, dict):
            for changed in mutated(held, value):
                yield event | {name: changed}
            yield event | {name: held | {"attachments": value, "quick_reply": value, "is_echo": value, "mid": value}}


def test_a_message_goes_out_and_its_id_comes_back(platform: Platform, channel: Channel, fake: Any) -> None:
    (given,) = channel.send(parcel(platform))
    assert given
    assert len(given) <= 80
    assert fake.said == ["早安"]


def test_buttons_go_out_with_what_they_say(platform: Platform, channel: Channel, fake: Any) -> None:
    channel.send(parcel(platform, Outbound("哪一種?", (Button("運費", "運費怎麼算"),))))
    sent = json.dumps(fake.sends()[0].body, ensure_ascii=False)
    assert "運費怎麼算" in sent


@pytest.mark.parametrize("trouble", [(500, {"message": "oops"}), (503, b"<html>"), HANG_UP], ids=["500", "503", "gone"])
def test_without_a_clear_answer_nobody_knows(platform: Platform, channel: Channel, fake: Any, trouble: Any) -> None:
    fake.troubles.append(trouble)
    with pytest.raises(UnknownOutcome):
        channel.send(parcel(platform))
    assert len(fake.sends()) == 1, "the outbox decides about a repeat, never the channel"


def test_a_platform_that_never_answers_is_given_up(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speaking, "TIMEOUT", (1.0, 0.05))
    monkeypatch.setattr(graph, "TIMEOUT", graph.TIMEOUT.__class__(connect=1.0, read=0.05))
    with socket.create_server(("127.0.0.1", 0)) as server:
        silent = platform.speaks(f"http://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(UnknownOutcome):
            silent.send(parcel(platform))


def test_where_nothing_listens_nothing_was_sent(platform: Platform, nobody: str) -> None:
    with pytest.raises(TemporarySendError):
        platform.speaks(nobody).send(parcel(platform))


@pytest.mark.parametrize(
    ("outage", "answers"),
    [(None, True), (REFUSED, True), ((503, b"<html>"), False), (HANG_UP, False)],
    ids=["well", "refused", "503", "gone"],
)
def test_whether_the_platform_answers_is_told_without_a_word_to_anybody(
    platform: Platform, channel: Channel, fake: Any, outage: Any, answers: bool
) -> None:
    fake.outage = outage
    assert channel.answers(platform.account) is answers
    assert fake.sends() == []


def test_where_nothing_listens_nobody_answers(platform: Platform, nobody: str) -> None:
    assert not platform.speaks(nobody).answers(platform.account)


def test_without_a_token_nothing_is_sent_and_it_can_be_mended(platform: Platform, fake: Any) -> None:
    with pytest.raises(TemporarySendError):
        platform.speaks(address(fake), "").send(parcel(platform))
    assert fake.said == []


def test_a_success_in_an_unknown_shape_is_a_success(platform: Platform, channel: Channel, fake: Any) -> None:
    fake.troubles.append((200, {}))
    assert channel.send(parcel(platform)) == []


@pytest.mark.parametrize("kind", ["blank", "long", "label", "buttons"])
def test_what_the_platform_will_never_take_is_refused_for_good(
    platform: Platform, channel: Channel, fake: Any, kind: str
) -> None:
    said = {
        "blank": Outbound(" \n\u3000"),
        "long": Outbound(platform.too_long),
        "label": Outbound("哪一種?", (Button("標" * 21, "x"),)),
        "buttons": Outbound("哪一種?", tuple(Button(str(n), "x") for n in range(14))),
    }
    with pytest.raises(PermanentSendError):
        channel.send(parcel(platform, said[kind]))
    assert fake.said == []


def test_a_refusal_always_is_one_of_the_five(platform: Platform, channel: Channel, fake: Any) -> None:
    for status in (400, 500):
        for code in (1, 2, 10, 100, 190, "x", None, -1):
            fake.troubles.append((status, {"message": "no", "error": {"code": code, "error_subcode": []}}))
            with pytest.raises(SendError) as refused:
                channel.send(parcel(platform))
            assert refused.value.status


def test_a_profile_tells_the_name_or_nothing(platform: Platform, channel: Channel, nobody: str) -> None:
    who = Recipient(platform.account, "user", platform.customer)
    assert channel.profile(who) in (Profile("陳怡君"), Profile("林佳蓉"))
    assert channel.profile(Recipient(platform.account, "user", "stranger")) == Profile()
    assert platform.speaks(nobody).profile(who) is None, "who can't be asked has told nothing: ask again soon"


def test_an_ornament_that_fails_disturbs_nobody(platform: Platform, nobody: str) -> None:
    platform.speaks(nobody).show_loading(Recipient(platform.account, "user", platform.customer), 20)
