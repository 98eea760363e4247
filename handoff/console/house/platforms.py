"""The platforms on which the shop may have accounts, as their own pages call what we ask for. One row a platform."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from bot.settings import Settings


@dataclass(frozen=True)
class Platform:
    """`portal` is where its keys are found, and `hook` the end of our webhook's address.

    `first` is the token that the environment gives, `variables` where it gives it. `tells_webhook`: it says where it
    sends its webhooks, and tries it; else only whether it sends any.
    """

    channel: str
    title: str
    portal: str
    hook: str
    secret: str
    secret_at: LazyString
    token: str
    token_at: LazyString
    variables: str
    first: Callable[[Settings], str]
    tells_webhook: bool


LINE = Platform(
    channel="line",
    title="LINE",
    portal="LINE Developers",
    hook="line",
    secret="Channel secret",
    secret_at=_("LINE Developers → Basic settings"),
    token="Channel access token",
    token_at=_("LINE Developers → Messaging API，長期的"),
    variables="LINE_CHANNEL_SECRET、LINE_CHANNEL_ACCESS_TOKEN",
    first=lambda settings: settings.line_channel_access_token,
    tells_webhook=True,
)
MESSENGER = Platform(
    channel="messenger",
    title="Messenger",
    portal="Meta for Developers",
    hook="messenger",
    secret="App secret",
    secret_at=_("Meta for Developers → App settings → Basic"),
    token="Page access token",
    token_at=_("Meta for Developers → Messenger → API setup，選粉絲專頁後產生"),
    variables="META_APP_SECRET、META_PAGE_ACCESS_TOKEN",
    first=lambda settings: settings.meta_page_access_token,
    tells_webhook=False,
)
INSTAGRAM = replace(
    MESSENGER,
    channel="instagram",
    title="Instagram",
    secret_at=_("Meta for Developers → Instagram → API setup"),
    token="Access token",
    token_at=_("Meta for Developers → Instagram → API setup，選帳號後產生"),
    variables="META_APP_SECRET、META_IG_ACCESS_TOKEN",
    first=lambda settings: settings.meta_ig_access_token,
)
PLATFORMS = {row.channel: row for row in (LINE, MESSENGER, INSTAGRAM)}
