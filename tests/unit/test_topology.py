"""What an operator gets from `frontline run`: the demo with its phone, or a LINE account without one."""

from pathlib import Path

import pytest
from redis import Redis

from bot.broker import redis_url, socket_path
from bot.cli import topology
from bot.cli.output import welcome
from bot.cli.root import SignIn
from bot.settings import Settings

REAL = {"line_channel_secret": "s", "line_channel_access_token": "t", "secret_key": "k"}
SIGN_INS = (SignIn("agent", "wang", "a password"),)


def settings_for(data: Path, **given: object) -> Settings:
    return Settings.model_validate({"frontline_data": data, "port": 8100, **given})


def names(settings: Settings) -> list[str]:
    return [program.name for program in topology.programs(settings, topology.environment(settings))]


def test_the_demo_runs_two_workers_and_the_phone(tmp_path: Path) -> None:
    assert names(settings_for(tmp_path)) == [
        "web",
        "worker.1",
        "worker.2",
        "files",
        "builder",
        "ticker",
        "stream",
        "simulator",
    ]


def test_with_line_credentials_there_is_no_phone_and_no_demo_user(tmp_path: Path) -> None:
    real = settings_for(tmp_path, **REAL)
    assert "simulator" not in names(real)
    assert "simulator" not in topology.ports(real)
    assert "a password" not in welcome(real, SIGN_INS)
    assert "a password" in welcome(settings_for(tmp_path), SIGN_INS)


def test_every_command_is_filled_in(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    for program in topology.programs(settings, topology.environment(settings)):
        assert "$" not in " ".join(program.command)


def test_the_browser_reads_the_stream_one_port_above_the_pages(tmp_path: Path) -> None:
    assert topology.environment(settings_for(tmp_path))["STREAM_URL"] == "http://127.0.0.1:8101"
    behind_a_proxy = settings_for(tmp_path, stream_url="https://desk.example")
    assert topology.environment(behind_a_proxy)["STREAM_URL"] == "https://desk.example"


def test_a_deep_data_folder_still_gets_a_socket_that_fits(tmp_path: Path) -> None:
    deep = tmp_path / ("folder" * 20)
    assert socket_path(tmp_path / "var").parent == tmp_path / "var"
    assert len(str(socket_path(deep))) < 104
    assert socket_path(deep) != socket_path(deep / "other")


@pytest.mark.parametrize("name", ["my data", "50% off", "資料"])
def test_a_data_folder_of_any_name_can_be_reached(tmp_path: Path, name: str) -> None:
    settings = settings_for(Path("/srv") / name)
    pool = Redis.from_url(redis_url(settings)).connection_pool
    assert pool.connection_kwargs["path"] == str(socket_path(settings.data))
