"""Options of the stories on the whole running system."""

import pytest

ONE, FIRST = 1, 1


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seeds", type=int, default=ONE, help="how many seeds in a row the crash test runs")
    parser.addoption("--seed", type=int, default=FIRST, help="the crash test's first seed")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        # pytest reads this file's options only where it is among the paths that are asked for.
        first, seeds = metafunc.config.getoption("seed", FIRST), metafunc.config.getoption("seeds", ONE)
        metafunc.parametrize("seed", range(first, first + seeds))
