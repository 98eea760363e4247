"""Settings, read once from the environment; one field a setting, documented in docs/operations.md."""

from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

DEMO_DESTINATION = "U" + "0f" * 16


class Settings(BaseSettings):
    """What differs between a newcomer's machine and production. Unset means the embedded choice."""

    model_config = SettingsConfigDict(env_prefix="", env_ignore_empty=True, frozen=True, extra="ignore")

    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite in FRONTLINE_DATA")
    redis_url: str = Field("", description="Redis URL; empty: the embedded Valkey's socket in FRONTLINE_DATA")
    rasa_url: str = Field("", description="Rasa server; empty: only the embedded engine understands")
    rasa_token: str = Field("", description="token of the Rasa server, if it asks for one", repr=False)
    secret_key: str = Field("", description="signs sessions; required outside the demo", repr=False)
    line_channel_secret: str = Field(
        "", description="LINE channel secret; a comma separates two in rotation", repr=False
    )
    line_channel_access_token: str = Field("", description="LINE channel access token", repr=False)
    line_api_base: str = Field("https://api.line.me", description="LINE Messaging API")
    line_data_api_base: str = Field("https://api-data.line.me", description="LINE content API")
    port: int = Field(8000, description="where the web process listens")
    host: str = Field("127.0.0.1", description="address the web process binds to")
    stream_url: str = Field("", description="browser's address of the event stream; empty: same origin")
    simulator_url: str = Field("", description="the simulated LINE platform; set by `frontline run` in the demo")
    frontline_data: Path = Field(Path("var"), description="database, releases, socket and logs of this machine")
    shop_name: str = Field("鮮好團購", description="name shown to customers and staff")
    timezone: str = Field("Asia/Taipei", description="zone of opening hours, case numbers and shown times")
    open_hours: str = Field("09:00-21:00", description="the desk's opening hours, each day")
    fragment_wait_ms: int = Field(1200, ge=0, description="how long a fragment waits for its continuation")
    turn_attempts: int = Field(4, ge=1, description="tries before an event is set aside for staff")
    lease_seconds: int = Field(12, ge=2, description="after this a dead worker's conversation is taken over")

    @property
    def demo(self) -> bool:
        """Without LINE credentials this is a demo: simulator on, demo sign-ins allowed."""
        return not (self.line_channel_secret and self.line_channel_access_token)

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
    def line_secrets(self) -> tuple[str, ...]:
        """The current channel secret and, while it is being rotated, the one before."""
        return tuple(part.strip() for part in self.line_channel_secret.split(",") if part.strip())

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)
