"""Settings, read once from the environment; one field a setting, documented in docs/operations.md."""

import ipaddress
import re
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEMO_DESTINATION = "U" + "0f" * 16
HIGHEST_PORT = 65_533  # the stream and the simulator take the two above

SLOT = r"([01]?\d|2[0-3]):[0-5]\d-(([01]?\d|2[0-3]):[0-5]\d|24:00)"
SLOTS = re.compile(rf"\s*{SLOT}\s*(,\s*{SLOT}\s*)*")
TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
# Only the beginning: SQLAlchemy allows signs in a password that no other reader of URLs does.
DATABASE = re.compile(r"(postgres|postgresql|postgresql\+psycopg|sqlite)://.+")

STORE = re.compile(r"[a-z][a-z0-9+]*://.+")


def _database(url: str) -> str:
    if url and not DATABASE.fullmatch(url):
        raise ValueError("not a database address; write postgresql://user:password@host/name, or leave it out")
    return url


def _redis(url: str) -> str:
    if url and not _is_url(url, "redis", "rediss", "unix"):
        raise ValueError("not a Redis address; write redis://host:6379/0, or leave it out")
    return url


def _web(url: str) -> str:
    if url and not (_is_url(url, "http", "https") and urlsplit(url).hostname):
        raise ValueError("not a web address; write http://host:port")
    return url


def _issuer(url: str) -> str:
    """Whoever could change the way to the provider could come in as anybody."""
    parts = urlsplit(_web(url))
    if url and parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
        raise ValueError("not safe; an issuer begins with https://")
    return url


def _groups(text: str) -> str:
    if any("=" not in part for part in _listed(text)):
        raise ValueError("not groups with roles; write support=agent, or several separated by commas")
    return text


def _webs(urls: str) -> str:
    for url in _listed(urls):
        _web(url)
    return urls


def _listed(text: str) -> tuple[str, ...]:
    """What is separated by commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _networks(text: str) -> str:
    for part in _listed(text):
        try:
            ipaddress.ip_network(part)
        except ValueError:
            raise ValueError("not networks; write 10.20.0.0/16, or several separated by commas") from None
    return text


def _store(url: str) -> str:
    if url and not STORE.fullmatch(url):
        raise ValueError("not a place for files; write s3://bucket/folder or file:///srv/attachments")
    return url


def _mail(url: str) -> str:
    if url and not (_is_url(url, "smtp", "smtps") and urlsplit(url).hostname):
        raise ValueError("not a mail server; write smtp://user:password@host:587 or smtps://host")
    return url


def _time_of_day(text: str) -> str:
    if text and not TIME_OF_DAY.fullmatch(text):
        raise ValueError("not a time of day; write 08:30, or leave it out")
    return text


def _is_url(text: str, *schemes: str) -> bool:
    """Whether scheme and port can be read; urllib complains only when it is asked for the port."""
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and "://" in text and parts.port != 0
    except ValueError:
        return False


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, not a name at all, or a folder of zones
        raise ValueError("not a time zone; write one like Asia/Taipei") from None
    return name


def _hours(text: str) -> str:
    """The shape that `handoff.hours` reads; the engine may not import the desk."""
    if not SLOTS.fullmatch(text):
        raise ValueError("not opening hours; write 09:00-21:00, or several separated by commas")
    return text


Database = Annotated[str, AfterValidator(_database)]
Redis = Annotated[str, AfterValidator(_redis)]
Web = Annotated[str, AfterValidator(_web)]
Issuer = Annotated[str, AfterValidator(_issuer)]
Groups = Annotated[str, AfterValidator(_groups)]
Webs = Annotated[str, AfterValidator(_webs)]
Networks = Annotated[str, AfterValidator(_networks)]
Store = Annotated[str, AfterValidator(_store)]
Mail = Annotated[str, AfterValidator(_mail)]
TimeOfDay = Annotated[str, AfterValidator(_time_of_day)]
Zone = Annotated[str, AfterValidator(_zone)]
Hours = Annotated[str, AfterValidator(_hours)]


class Settings(BaseSettings):
    """What differs between a newcomer's machine and production. Unset means the embedded choice."""

    model_config = SettingsConfigDict(
        env_prefix="", env_ignore_empty=True, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    database_url: Database = Field("", description="SQLAlchemy URL; empty: SQLite in FRONTLINE_DATA", repr=False)
    redis_url: Redis = Field("", description="Redis URL; empty: the embedded Valkey in FRONTLINE_DATA", repr=False)
    rasa_url: Webs = Field(
        "", description="Rasa servers, separated by commas; empty: only the embedded engine understands"
    )
    rasa_token: str = Field("", description="token of the Rasa server, if it asks for one", repr=False)
    secret_key: str = Field("", description="signs sessions; required outside the demo", repr=False)
    second_step_roles: str = Field(
        "", description="roles whose password alone is not enough, separated by commas: an app's code as well"
    )
    oidc_issuer: Issuer = Field("", description="OpenID Connect provider that staff sign in with; empty: none")
    oidc_client_id: str = Field("", description="our name at that provider")
    oidc_client_secret: str = Field("", description="our secret at that provider", repr=False)
    oidc_name: str = Field("", description="what the button on the sign-in page calls the provider")
    oidc_scope: str = Field("openid email profile", description="what is asked of the provider")
    oidc_claim: str = Field("email", description="claim that tells who came, by the name that they have there")
    oidc_groups_claim: str = Field("groups", description="claim with the groups, for OIDC_ROLES")
    oidc_roles: Groups = Field("", description="roles of the provider's groups, as support=agent,leads=supervisor")
    password_for: str = Field("", description="user names that may still come in by password; empty: everybody")
    line_channel_secret: str = Field(
        "", description="LINE channel secret; a comma separates two in rotation", repr=False
    )
    line_channel_access_token: str = Field("", description="LINE channel access token", repr=False)
    line_basic_id: str = Field("", description="the account's LINE ID, as @frontline: where /help leads to a person")
    line_suppression_audience: bool = Field(
        False, description="keep an audience at LINE of those to whom marketing must not write: their case is open"
    )
    line_api_base: Web = Field("https://api.line.me", description="LINE Messaging API")
    line_data_api_base: Web = Field("https://api-data.line.me", description="LINE content API")
    meta_app_secret: str = Field(
        "", description="secret of the app at Meta; a comma separates two in rotation", repr=False
    )
    meta_app_id: str = Field("", description="the app's id at Meta, by which it knows what it said itself")
    meta_verify_token: str = Field("", description="our word, which Meta repeats to confirm the webhook", repr=False)
    meta_page_id: str = Field("", description="id of the first Page on Messenger")
    meta_page_access_token: str = Field("", description="the first Page's access token", repr=False)
    meta_ig_id: str = Field("", description="id of the first Instagram account")
    meta_ig_access_token: str = Field("", description="the first Instagram account's access token", repr=False)
    meta_graph_base: Web = Field("https://graph.facebook.com/v24.0", description="Meta's Graph API for Messenger")
    meta_ig_graph_base: Web = Field(
        "https://graph.instagram.com/v24.0",
        description="Meta's API for Instagram; with Facebook Login the same as META_GRAPH_BASE",
    )
    port: int = Field(8000, ge=1, le=HIGHEST_PORT, description="where the web process listens")
    trusted_proxies: int = Field(
        0, ge=0, le=10, description="proxies of ours in front of the pages, whose word on address and scheme counts"
    )
    metrics_port: int = Field(0, ge=0, le=65_535, description="where workers, builder and ticker offer their counters")
    host: str = Field("127.0.0.1", description="address the web process binds to")
    stream_url: Web = Field("", description="browser's address of the event stream; empty: same origin")
    simulator_url: Web = Field("", description="the simulated LINE platform; set by `frontline run` in the demo")
    frontline_data: Path = Field(Path("var"), description="database, releases, socket and logs of this machine")
    shop_name: str = Field("鮮好團購", description="name shown to customers and staff")
    timezone: Zone = Field("Asia/Taipei", description="zone of opening hours, case numbers and shown times")
    open_hours: Hours = Field("09:00-21:00", description="the desk's opening hours, each day")
    second_contact: str = Field(
        "", description="another way to reach somebody (phone, e-mail), told to who waits for a person"
    )
    fragment_wait_ms: int = Field(1200, ge=0, description="how long a fragment waits for its continuation")
    turn_attempts: int = Field(4, ge=1, description="tries before an event is set aside for staff")
    wrong_answers: float = Field(
        0.01, ge=0, le=0.2, description="share of all messages that may be answered wrongly by the bot; sets thresholds"
    )
    public_url: Web = Field("", description="address of the pages as staff reach them, for links in notices")
    smtp_url: Mail = Field(
        "", description="mail server for notices and letters to customers; empty: no mail", repr=False
    )
    mail_from: str = Field("frontline@localhost", description="sender of all mail")
    sms_url: Web = Field("", description="program that sends short messages, called with a signature; empty: no SMS")
    sms_secret: str = Field("", description="what signs those calls, as Standard Webhooks writes it", repr=False)
    chat_urls: str = Field("", description="chat rooms of the staff as Apprise URLs, separated by spaces", repr=False)
    line_group_id: str = Field("", description="LINE group of the staff; our account must be in it")
    push_services: str = Field(
        "", description="hosts of push services that browsers use beside the known ones, separated by commas"
    )
    api_calls_per_minute: int = Field(600, ge=1, le=100_000, description="calls that an API token may make in a minute")
    own_networks: Networks = Field(
        "", description="networks of our own that webhooks, pushes and chat rooms may reach, as 10.20.0.0/16"
    )
    digest_at: TimeOfDay = Field("08:30", description="when the staff's group gets the morning's list; empty: never")
    backup_minutes: int = Field(10, ge=1, description="a notice unread for so long goes to a backup receiver as well")
    attachments_url: Store = Field("", description="where files of messages lie; empty: a folder in FRONTLINE_DATA")
    attachment_mb: int = Field(100, ge=1, le=1000, description="the largest file that is kept, in million bytes")
    orders: Literal["sql", "http", "shopify", "shopline"] = Field(
        "sql", description="the shop's order system; sql: what `frontline orders import` brings"
    )
    orders_url: Web = Field("", description="address of the order system's API")
    orders_token: str = Field("", description="our token there", repr=False)
    orders_mapping: Path | None = Field(None, description="for ORDERS=http: the file that says where its facts lie")
    lease_seconds: int = Field(10, ge=2, description="after this a dead worker's conversation is taken over")

    @model_validator(mode="after")
    def line_is_whole(self) -> Self:
        """One forgotten LINE variable must not open production as a demo."""
        given = {
            "LINE_CHANNEL_SECRET": self.line_channel_secret,
            "LINE_CHANNEL_ACCESS_TOKEN": self.line_channel_access_token,
        }
        missing = [name for name, value in given.items() if not value]
        if len(missing) == 1:
            raise ValueError(f"{missing[0]} is not set; set both LINE settings, or neither for the demo")
        return self

    @model_validator(mode="after")
    def meta_is_whole(self) -> Self:
        """Half an app cannot hear, and half an account cannot answer."""
        app = {"META_APP_SECRET": self.meta_app_secret, "META_VERIFY_TOKEN": self.meta_verify_token}
        page = {"META_PAGE_ID": self.meta_page_id, "META_PAGE_ACCESS_TOKEN": self.meta_page_access_token}
        instagram = {"META_IG_ID": self.meta_ig_id, "META_IG_ACCESS_TOKEN": self.meta_ig_access_token}
        needed = app if any((page | instagram).values()) else {}
        for whole in (app, page, instagram):
            needed = needed | (whole if any(whole.values()) else {})
        if missing := [name for name, value in needed.items() if not value]:
            raise ValueError(f"{missing[0]} is not set; Messenger and Instagram need it beside the META settings given")
        return self

    @model_validator(mode="after")
    def provider_is_whole(self) -> Self:
        """A provider that is set up by half lets nobody in, and a password switched off leaves no other way."""
        needed = {
            "OIDC_CLIENT_ID": self.oidc_client_id,
            "OIDC_CLIENT_SECRET": self.oidc_client_secret,
            "PUBLIC_URL": self.public_url,
        }
        missing = [name for name, value in needed.items() if not value]
        if self.oidc_issuer and missing:
            raise ValueError(f"{missing[0]} is not set; signing in with OIDC_ISSUER needs it")
        if self.password_for and not self.oidc_issuer:
            raise ValueError("OIDC_ISSUER is not set; without it PASSWORD_FOR leaves everybody else out")
        return self

    @model_validator(mode="after")
    def order_system_is_whole(self) -> Self:
        """An order system that is set up by half would answer every customer that it is away."""
        by_system: dict[str, dict[str, str | Path | None]] = {
            "sql": {},
            "http": {"ORDERS_URL": self.orders_url, "ORDERS_MAPPING": self.orders_mapping},
            "shopify": {"ORDERS_URL": self.orders_url, "ORDERS_TOKEN": self.orders_token},
            "shopline": {"ORDERS_TOKEN": self.orders_token},
        }
        missing = [name for name, value in by_system[self.orders].items() if not value]
        if missing:
            raise ValueError(f"{missing[0]} is not set; ORDERS={self.orders} needs it")
        return self

    @model_validator(mode="after")
    def sms_is_whole(self) -> Self:
        """Nobody sends short messages for a caller who signs nothing."""
        if bool(self.sms_url) != bool(self.sms_secret):
            raise ValueError("SMS_URL and SMS_SECRET go together; set both, or neither")
        return self

    @property
    def demo(self) -> bool:
        """Without credentials of any platform this is a demo: simulator on, demo sign-ins allowed."""
        return not (self.line_channel_secret or self.line_channel_access_token or self.meta_app_secret)

    @cached_property
    def data(self) -> Path:
        return self.frontline_data.expanduser().resolve()

    @property
    def sqlalchemy_url(self) -> str:
        url = self.database_url or f"sqlite:///{self.data / 'frontline.db'}"
        for plain in ("postgresql://", "postgres://"):
            url = url.replace(plain, "postgresql+psycopg://", 1) if url.startswith(plain) else url
        return url

    @property
    def attachments(self) -> str:
        """Where files of messages lie, as fsspec reads it."""
        return self.attachments_url or f"file://{self.data / 'attachments'}"

    @property
    def line_secrets(self) -> tuple[str, ...]:
        """The current channel secret and, while it is being rotated, the one before."""
        return _listed(self.line_channel_secret)

    @property
    def meta_secrets(self) -> tuple[str, ...]:
        """The app's current secret and, while it is being rotated, the one before."""
        return _listed(self.meta_app_secret)

    @property
    def pages(self) -> str:
        """The address of the pages, without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def outside(self) -> str:
        """The address of the pages as customers and platforms reach them; empty where nobody said it, or not safely."""
        return self.pages if self.demo or self.public_url.startswith("https://") else ""

    @property
    def oidc_groups(self) -> dict[str, str]:
        """The role of each of the provider's groups that has one."""
        pairs = (part.rpartition("=") for part in _listed(self.oidc_roles))
        return {group.strip(): role.strip() for group, _, role in pairs}

    def takes_password(self, username: str) -> bool:
        """Whether somebody may come in by password."""
        return not self.password_for or username.strip().lower() in _listed(self.password_for)

    @property
    def second_step_for(self) -> tuple[str, ...]:
        """Roles that must have a second step."""
        return _listed(self.second_step_roles)

    @property
    def push_hosts(self) -> tuple[str, ...]:
        """Push services that this shop added."""
        return _listed(self.push_services)

    @cached_property
    def reachable_inside(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """What of our own network may be called by addresses that somebody gave us."""
        return tuple(ipaddress.ip_network(part) for part in _listed(self.own_networks))

    @property
    def rasa_urls(self) -> tuple[str, ...]:
        """The Rasa servers, which are asked in turn."""
        return _listed(self.rasa_url)

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)
