"""One topology in three dialects: what `frontline run` starts, the Procfile, and docker-compose.yml."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.cli.topology import COMMANDS, COPIES, DEMO_COMMANDS
from tools.rasa_python import BEST, locked

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
SECRETS = (
    "SECRET_KEY",
    "RASA_TOKEN",
    "POSTGRES_PASSWORD",
    "LINE_CHANNEL_SECRET",
    "LINE_CHANNEL_ACCESS_TOKEN",
)
LOCKS = [*sorted((ROOT / "requirements").glob("*.txt")), ROOT / "nlu_data/rasa/requirements.txt"]
BESIDE_THE_PROCESSES = {"prepare", "rasa", "redis", "postgres", "proxy"}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    return services


def procfile() -> dict[str, str]:
    lines = (line.split(":", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    return {name: command.strip() for name, command in lines}


def config(**environment: str) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("docker-compose"), "--file", COMPOSE, "config", "--quiet"]
    clean = {"PATH": os.defpath, "HOME": os.environ.get("HOME", "/"), "COMPOSE_DISABLE_ENV_FILE": "1"}
    return subprocess.run(command, env=clean | environment, capture_output=True, text=True, check=False)


def test_compose_accepts_the_file_once_every_secret_is_given() -> None:
    checked = config(**dict.fromkeys(SECRETS, "given"))
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("missing", SECRETS)
def test_compose_names_a_secret_that_is_missing(missing: str) -> None:
    checked = config(**dict.fromkeys(set(SECRETS) - {missing}, "given"))
    assert checked.returncode != 0
    assert missing in checked.stderr


def test_the_procfile_starts_what_frontline_run_starts() -> None:
    assert procfile() == COMMANDS | DEMO_COMMANDS


def test_compose_runs_the_procfiles_commands_without_the_simulator(services: dict[str, Any]) -> None:
    inside = {"${HOST}": "0.0.0.0", "${PORT}": "8000", "${STREAM_PORT}": "8001"}
    for name, command in COMMANDS.items():
        filled = re.sub(r"\$\{\w+\}", lambda variable: inside[variable[0]], command)
        assert services[name]["command"] == filled
    assert set(services) == set(COMMANDS) | BESIDE_THE_PROCESSES


def test_compose_runs_as_many_workers_as_frontline_run(services: dict[str, Any]) -> None:
    replicas = {name: services[name].get("deploy", {}).get("replicas", 1) for name in COMMANDS}
    assert replicas == {name: COPIES.get(name, 1) for name in COMMANDS}


def test_the_application_asks_the_rasa_beside_it(services: dict[str, Any]) -> None:
    command = services["rasa"]["command"]
    port = re.findall(r"--port (\d+)", command)[0]
    for name in COMMANDS:
        assert services[name]["environment"]["RASA_URL"] == f"http://rasa:{port}"
        assert f"--auth-token {services[name]['environment']['RASA_TOKEN']}" in command


def test_rasas_image_is_made_of_the_lock_for_the_machine_that_it_locks(services: dict[str, Any]) -> None:
    """On other machines the lock has no packages, so the image is always one for Linux on x86-64."""
    dockerfile = (ROOT / "nlu_data/rasa/Dockerfile").read_text()
    assert f"\nFROM python:{BEST}-slim" in dockerfile
    assert "\nCOPY nlu_data/rasa/requirements.txt ./\n" in dockerfile
    assert "pip install --no-cache-dir --no-deps --require-hashes -r requirements.txt" in dockerfile
    assert services["rasa"]["platform"] == services["rasa"]["build"]["platforms"][0] == "linux/amd64"
    pins = re.findall(r"^\w.*", locked(), re.MULTILINE)
    assert pins
    assert all("platform_machine == 'x86_64' and" in pin and "sys_platform == 'linux'" in pin for pin in pins)


def test_rasas_image_holds_what_its_component_imports(services: dict[str, Any]) -> None:
    """And the volume of its models is the folder from which the application has it load them."""
    dockerfile = (ROOT / "nlu_data/rasa/Dockerfile").read_text()
    copied = dict(re.findall(r"^COPY (\S+) (/app/\S+)$", dockerfile, re.MULTILINE))
    learned = "nlu_data/embeddings.npz"
    assert copied == {"bot/": "/app/bot/", learned: "/app/nlu_data/", "nlu_data/rasa/": "/app/nlu_data/rasa/"}
    assert re.findall(r"PYTHONPATH=(\S+)", dockerfile) == ["/app:/app/nlu_data/rasa"]
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert {"bot", "nlu_data"} <= kept
    assert "\nWORKDIR /rasa\n" in dockerfile
    assert services["rasa"]["volumes"] == ["rasa:/rasa/models"]


def test_a_web_container_is_well_while_it_can_answer(services: dict[str, Any]) -> None:
    """Whatever else is away, and /readyz tells: webhooks must come in and be stored."""
    assert "/healthz" in " ".join(services["web"]["healthcheck"]["test"])


def test_compose_holds_no_secret(services: dict[str, Any]) -> None:
    for name, service in services.items():
        for key, value in service.get("environment", {}).items():
            if re.search("SECRET|TOKEN|PASSWORD", key):
                assert re.fullmatch(r"\$\{\w+:\?.*\}", value), f"{name} spells out {key}"


def test_the_example_environment_names_every_secret_and_gives_none() -> None:
    example = dict(
        line.split("=", 1)
        for line in (ROOT / ".env.example").read_text().splitlines()
        if "=" in line and not line.startswith("#")
    )
    assert {secret: example.get(secret) for secret in SECRETS} == dict.fromkeys(SECRETS, "")


@pytest.mark.parametrize("dockerfile", ["Dockerfile", "nlu_data/rasa/Dockerfile"])
def test_hadolint_finds_nothing_in_our_dockerfiles(dockerfile: str) -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    found = subprocess.run([hadolint, ROOT / dockerfile], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("lock", LOCKS)
def test_locked_requirements_name_hashes_and_no_registry(lock: Path) -> None:
    text = lock.read_text()
    assert "--hash=sha256:" in text
    assert not re.search(r"https?://|--index-url|--find-links", text)


def test_compose_counts_the_proxy_in_front(services: dict[str, Any]) -> None:
    for name in ("web", "stream"):
        assert services[name]["environment"]["TRUSTED_PROXIES"] == "1"
        assert "ports" not in services[name]
