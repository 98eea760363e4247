"""LINE's rich menus: made, drawn and shown by their ids; a person's own menu comes before the one for everybody."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from bot.channels.line import Line
from bot.errors import PermanentSendError, SendError
from bot.ports import Menu, MenuArea

if TYPE_CHECKING:
    from linebot.v3.messaging import MessagingApi, MessagingApiBlob

TIMEOUT = (2.0, 6.0)
GONE = 404
DRAWN = "already been uploaded"


@dataclass(frozen=True)
class LineMenus:
    """`bot.ports.Menus` over all our LINE accounts; `of` gives the account by its name at LINE."""

    of: Callable[[str], object]

    def create(self, account: str, menu: Menu) -> str:
        api, request = self._api(account), _request(menu)
        return str(_asked(lambda: api.create_rich_menu(request, _request_timeout=TIMEOUT)).rich_menu_id)

    def find(self, account: str, name: str) -> str | None:
        api = self._api(account)
        answer = _asked(lambda: api.get_rich_menu_list(_request_timeout=TIMEOUT))
        return next((str(one.rich_menu_id) for one in answer.richmenus if one.name == name), None)

    def draw(self, account: str, menu: str, picture: bytes, mime: str) -> None:
        own = self._own(account)
        blob = _blob(own.data_base or own.api_base, own.access_token)
        headers = {"Content-Type": mime}
        _asked(lambda: blob.set_rich_menu_image(menu, picture, _headers=headers, _request_timeout=TIMEOUT))

    def show(self, account: str, menu: str) -> None:
        api = self._api(account)
        _asked(lambda: api.set_default_rich_menu(menu, _request_timeout=TIMEOUT))

    def link(self, account: str, menu: str, user: str) -> None:
        api = self._api(account)
        _asked(lambda: api.link_rich_menu_id_to_user(user, menu, _request_timeout=TIMEOUT))

    def unlink(self, account: str, user: str) -> None:
        api = self._api(account)
        _unless_gone(lambda: api.unlink_rich_menu_id_from_user(user, _request_timeout=TIMEOUT))

    def delete(self, account: str, menu: str) -> None:
        api = self._api(account)
        _unless_gone(lambda: api.delete_rich_menu(menu, _request_timeout=TIMEOUT))

    def _own(self, account: str) -> Line:
        own = self.of(account)
        assert isinstance(own, Line), "only LINE has rich menus"
        return own

    def _api(self, account: str) -> "MessagingApi":
        own = self._own(account)
        return _connected(own.api_base, own.access_token)


@cache
def _connected(api_base: str, access_token: str) -> "MessagingApi":
    from bot.channels.line import speaking

    return speaking.connect(api_base, access_token)


@cache
def _blob(data_base: str, access_token: str) -> "MessagingApiBlob":
    import urllib3
    from linebot.v3.messaging import ApiClient, Configuration, MessagingApiBlob

    configuration = Configuration(host=data_base, access_token=access_token)
    configuration.retries = urllib3.Retry(0, redirect=0)
    return MessagingApiBlob(ApiClient(configuration))


def _request(menu: Menu) -> Any:
    from linebot.v3.messaging import RichMenuRequest, RichMenuSize

    try:
        return RichMenuRequest(
            size=RichMenuSize(width=menu.width, height=menu.height),
            selected=menu.opened,
            name=menu.name,
            chatBarText=menu.bar,
            areas=[_area(area) for area in menu.areas],
        )
    except ValueError as error:
        raise PermanentSendError("the menu is beyond LINE's limits") from error


def _area(area: MenuArea) -> Any:
    from linebot.v3.messaging import RichMenuArea, RichMenuBounds

    bounds = RichMenuBounds(x=area.x, y=area.y, width=area.width, height=area.height)
    return RichMenuArea(bounds=bounds, action=_action(area))


def _action(area: MenuArea) -> Any:
    from linebot.v3.messaging import MessageAction, PostbackAction, URIAction

    match area.kind:
        case "text":
            return MessageAction(label=area.label, text=area.value)
        case "postback":
            return PostbackAction(label=area.label, data=area.value, displayText=area.label)
        case "link":
            return URIAction(label=area.label, uri=area.value)


def _unless_gone(call: Callable[[], object]) -> None:
    """What is gone already was taken away."""
    try:
        _asked(call)
    except PermanentSendError as refusal:
        if refusal.status != GONE:
            raise


def _told(refused: SendError, body: str) -> str:
    """With what LINE itself says is wrong with a menu: there are no customer's words in it."""
    reason = refused.reason.replace("the message", "the menu")
    try:
        answer = json.loads(body)
        says = [answer["message"], *(f"{one.get('property')}: {one['message']}" for one in answer.get("details", ()))]
    except (ValueError, TypeError, KeyError, AttributeError):
        return reason
    return f"{reason}: {'; '.join(map(str, says))}"[:200]


def _asked(call: Callable[[], Any]) -> Any:
    """What LINE answers, or the error by what it means. A picture that is there already is no failure."""
    from linebot.v3.messaging.exceptions import ApiException
    from pydantic.v1 import ValidationError

    from bot.channels.calling import broken_off
    from bot.channels.line import failures
    from bot.channels.line.speaking import NO_ANSWER

    try:
        return call()
    except ApiException as error:
        body = str(error.body or "")
        if DRAWN in body:
            return None
        refused = failures.refusal(int(error.status or 0), body, "push", error.headers or {})
        raise type(refused)(_told(refused, body), status=refused.status, retry_after=refused.retry_after) from error
    except ValidationError as error:
        raise PermanentSendError("LINE answered in a way that the SDK does not know") from error
    except NO_ANSWER as error:
        raise broken_off("LINE", error) from error
