"""The command group `faq`: import articles from a file and export them, search them."""

import json
from pathlib import Path

import click

from bot import db
from bot.cli.root import with_services
from bot.services import Services
from faq import drafts
from faq.search import learn_all, search, wait


@click.group()
def faq() -> None:
    """The published content."""


@faq.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--publish", is_flag=True, help="Put the articles online at once.")
@with_services
def import_(services: Services, file: Path, publish: bool) -> None:
    """Import articles from FILE (.csv or .yml); refused rows are named on standard error."""
    try:
        rows = drafts.read(file)
    except drafts.UnreadableFile as error:
        raise click.ClickException(str(error)) from error
    with services.sessions.begin() as session:
        saved = drafts.save(session, rows, publish=publish)
    learn_all(services.sessions)
    click.echo(
        f"新增 {saved.added} 篇，更新 {saved.changed} 篇，未變 {saved.unchanged} 篇，"
        f"退回 {len({problem.row for problem in saved.problems})} 列。"
    )
    for problem in saved.problems:
        click.echo(str(problem), err=True)
    if saved.problems:
        raise click.exceptions.Exit(1)


@faq.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@with_services
def export(services: Services, file: Path) -> None:
    """Write all articles into FILE (.csv or .yml), internal passages too; `faq import` reads it again."""
    writers = {".yml": drafts.as_yaml, ".yaml": drafts.as_yaml, ".csv": drafts.as_csv}
    if (writer := writers.get(file.suffix.lower())) is None:
        raise click.ClickException(f"{file.name}：只寫 .csv 和 .yml 檔。")
    with db.reading(services.sessions) as session:
        found = drafts.entries(session)
    file.write_text(writer(found), encoding="utf-8", newline="")
    click.echo(f"匯出 {len(found)} 篇。")


@faq.command("search")
@click.argument("query")
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="A JSON list with external_id, question, score.")
@with_services
def search_(services: Services, query: str, limit: int, as_json: bool) -> None:
    """Find published articles by a question or a few keywords."""
    learn_all(services.sessions)
    wait()
    with db.reading(services.sessions) as session:
        hits = [(hit.article.external_id, hit.article.question, hit.score) for hit in search(session, query, limit)]
    if as_json:
        found = [dict(zip(("external_id", "question", "score"), hit, strict=True)) for hit in hits]
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for external_id, question, score in hits:
        click.echo(f"{score:8.2f}  {external_id}  {question}")
