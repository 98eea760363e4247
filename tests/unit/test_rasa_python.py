"""Which Python Rasa gets, and what of its lock: on machines that have several, one, a broken one or none."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tools import rasa_python

Machine = Callable[..., list[str]]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The Pythons that are tried, in their order, where only the given ones run (path → version)."""
    monkeypatch.delenv("RASA_PYTHON", raising=False)
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))

    def tried(**runs: str) -> list[str]:
        found = {name.replace("_", "."): version for name, version in runs.items()}
        monkeypatch.setattr(rasa_python, "version", lambda python: found.get(Path(python).name, ""))
        return [Path(python).name for python in rasa_python._pythons()]

    return tried


def test_a_python_that_rasa_promises_comes_first(machine: Machine) -> None:
    assert machine(python3_10="3.10", python3_11="3.11") == ["python3.10", "3.10", "python3.11", "3.11"]


def test_where_only_the_second_best_runs_uv_is_asked_for_the_best_before(machine: Machine) -> None:
    assert machine(python3_11="3.11") == ["3.10", "python3.11", "3.11"]


def test_one_that_pyenv_keeps_off_the_path_is_found(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "versions/3.10.13/bin/python3.10"
    kept.parent.mkdir(parents=True)
    kept.touch()
    monkeypatch.setattr(rasa_python, "version", lambda python: "3.10" if python == str(kept) else "")
    assert next(rasa_python._pythons()) == str(kept)


def test_a_named_python_is_the_only_one(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RASA_PYTHON", "/opt/python3.10")
    assert machine(**{"python3_10": "3.10", "python3_11": "3.11"}) == ["python3.10"]


def test_a_named_python_of_another_version_is_refused(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RASA_PYTHON", "/opt/python3.12")
    with pytest.raises(SystemExit, match="RASA_PYTHON names no Python"):
        machine(python3_12="3.12")


def test_a_machine_without_any_is_told_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rasa_python, "_pythons", lambda: iter(["/nowhere/python3.10"]))
    with pytest.raises(SystemExit, match="Neither runs here"):
        rasa_python.fill(tmp_path / "venv", ["numpy"])


def test_a_part_of_the_lock_keeps_pins_and_hashes() -> None:
    part = rasa_python.locked(["numpy"])
    assert part.startswith("numpy==1.23.5 ")
    assert "--hash=sha256:" in part
    assert "scipy==" not in part
    assert len(rasa_python.locked()) > 100_000
