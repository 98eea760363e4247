"""`frontline nlu lint`: what is wrong with the training data. Trains nothing and needs no database."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

import click

from bot.cli.root import Root
from bot.errors import ContentError
from bot.nlu.corpus import assemble
from bot.nlu.lint import Finding
from bot.nlu.lint import lint as look_over


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of findings.")
@click.pass_obj
def lint(root: Root, as_json: bool) -> None:
    """Look the sentences, tests, policy and answers over; exits with 1 if there are errors, 0 on mere warnings."""
    try:
        findings = look_over(assemble(root.answerable()))
    except ContentError as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps([asdict(one) for one in findings], ensure_ascii=False) if as_json else _listed(findings))
    if any(finding.severity == "error" for finding in findings):
        raise click.exceptions.Exit(1)


def _listed(findings: Sequence[Finding]) -> str:
    lines = [f"{one.place}: {one.severity} ({one.check}): {one.message}" for one in findings]
    counts = Counter(finding.severity for finding in findings)
    return "\n".join([*lines, f"{counts['error']} errors, {counts['warning']} warnings."])
