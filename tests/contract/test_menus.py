"""The adapter of rich menus, against the LINE of the stories and the simulator's."""

import io
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from werkzeug.serving import make_server

from bot.channels.line import Line
from bot.channels.line.menus import LineMenus
from bot.errors import PermanentSendError
from bot.ports import Menu, MenuArea
from bot.settings import Settings
from bot.simulator.credentials import demo_credentials
from bot.simulator.customers import CUSTOMERS
from bot.simulator.platform import create_app
from tests.fakes import FakeLine

CHEN = CUSTOMERS[0].id
AREAS = (
    MenuArea(0, 0, 400, 405, "text", "查訂單", "我的訂單到哪了"),
    MenuArea(400, 0, 400, 405, "link", "官網", "https://shop.example/"),
    MenuArea(800, 0, 400, 405, "postback", "活動", "campaign=xmas"),
)
MENU = Menu("Frontline bot 1", "服務選單", 1200, 405, AREAS)


@pytest.fixture(params=["fake", "simulator"])
def menus(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LineMenus]:
    if request.param == "fake":
        fake = FakeLine().start()
        yield LineMenus(lambda _: Line(("secret",), "a token", fake.url))
        fake.stop()
        return
    settings = Settings(frontline_data=tmp_path)
    server = make_server("127.0.0.1", 0, create_app(settings), threaded=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield LineMenus(lambda _: Line(("secret",), demo_credentials(settings)[1], f"http://127.0.0.1:{server.port}"))
    server.shutdown()
    server.server_close()


def picture() -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (1200, 405)).save(drawn, "PNG")
    return drawn.getvalue()


def test_a_menu_is_made_drawn_shown_linked_and_removed(menus: LineMenus) -> None:
    assert menus.find("", MENU.name) is None
    made = menus.create("", MENU)
    assert menus.find("", MENU.name) == made
    for _ in range(2):  # who was cut off draws again
        menus.draw("", made, picture(), "image/png")
    menus.show("", made)
    menus.link("", made, CHEN)
    menus.unlink("", CHEN)
    menus.unlink("", CHEN)
    for _ in range(2):
        menus.delete("", made)
    assert menus.find("", MENU.name) is None


def test_what_line_refuses_is_refused_for_good(menus: LineMenus) -> None:
    with pytest.raises(PermanentSendError):
        menus.create("", Menu("wrong", "字" * 15, 1200, 405, AREAS))
