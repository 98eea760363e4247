"""No test is left out: what `make test` runs is every folder of tests, and CI runs the same steps."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
STEPS = re.findall(r"^test:(.*?)##", MAKEFILE, re.MULTILINE)[0].split()


def recipe(target: str) -> str:
    found = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    assert found, target
    return found[1]


def test_ci_runs_every_step_of_make_test_and_the_checks() -> None:
    ci = (ROOT / ".ci" / "run").read_text()
    assert re.findall(r"^for step in (.*); do$", ci, re.MULTILINE) == [" ".join(STEPS)]
    assert "\nmake check\n" in ci


def test_every_folder_of_tests_and_what_another_step_leaves_out_is_run() -> None:
    lines = [line for step in STEPS for line in recipe(step).splitlines() if "$(PYTEST)" in line]
    run = {word for line in lines for word in re.findall(r"(?<!--ignore )tests/\S+", line)}
    folders = {f"tests/{path.parent.name}" for path in (ROOT / "tests").glob("*/test_*.py")}
    left_out = {word for line in lines for word in re.findall(r"--ignore (\S+)", line)}
    assert run >= folders | left_out


def test_rasas_environment_is_set_up_for_its_tests_as_for_its_server() -> None:
    assert "-m tools.rasa install" in recipe("test-rasa")
    assert "-m tools.rasa\n" in recipe("rasa")
    assert "-m tools.both_homes" in recipe("check")
