"""`frontline backup` and `frontline restore`: what cannot be made again, in one folder that proves itself complete."""

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import click

from bot import db
from bot.cli import checks, stale
from bot.cli.copies import Copies, copies
from bot.cli.mistakes import explained
from bot.cli.root import Root, read_settings
from bot.clock import now
from bot.log import configure
from bot.settings import Settings

MANIFEST = "manifest.json"
# The rest of a data folder is made again: sockets, locks, figures, Redis' log.
KEPT = ("releases", "attachments", "secret_key", "vapid.pem")


@dataclass(frozen=True)
class Manifest:
    """What a backup holds; written last, so a folder without one is no backup."""

    made_at: str
    frontline: str
    database: str
    revision: str
    rows: dict[str, int]
    files: dict[str, str]


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print the manifest.")
def backup(folder: Path, as_json: bool) -> None:
    """Copy the database and the data folder into FOLDER, while everything runs."""
    configure("command")
    settings = read_settings()
    _refuse_unless_empty(folder, "the backup goes into a folder of its own")
    with explained(settings):
        manifest = _copy_out(settings, folder)
    _tell(manifest, as_json, f"{sum(manifest.rows.values())} rows and {len(manifest.files)} files are in {folder}.")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print the manifest, and how much waits for a person.")
@click.pass_obj
def restore(root: Root, folder: Path, as_json: bool) -> None:
    """Make a new shop of the backup in FOLDER: into an empty data folder and an empty database."""
    configure("command")
    settings = read_settings()
    checks.data_folder(settings)
    manifest = _verified(folder)
    checks.only_one(settings)
    with explained(settings):
        _copy_in(settings, folder, manifest)
        laid_aside = stale.lay_aside(root.install(settings).sessions, manifest.made_at)
    _tell(
        manifest,
        as_json,
        f"The shop of {manifest.made_at} is back. {laid_aside.messages} messages that were on their way and "
        f"{laid_aside.events} unanswered events wait for a person.",
        **asdict(laid_aside),
    )


def _tell(manifest: Manifest, as_json: bool, words: str, **more: int) -> None:
    click.echo(json.dumps(asdict(manifest) | more, ensure_ascii=False) if as_json else words)


def _refuse_unless_empty(folder: Path, why: str) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise click.ClickException(f"{folder} is not empty: {why}.")


def _copy_out(settings: Settings, folder: Path) -> Manifest:
    """The database first: whatever release it names lies in the data folder already."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    source = copies(settings)
    snapshot = source.dump(folder)
    for name in KEPT:
        _copy(settings.data / name, folder / name)
    files = {str(file.relative_to(folder)): _digest(file) for file in _files(folder)}
    made = now().isoformat(timespec="seconds")
    manifest = Manifest(made, version("frontline"), source.name, snapshot.revision, snapshot.rows, files)
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=1), "utf-8")
    return manifest


def _copy(source: Path, target: Path) -> None:
    """A file or a folder, without what is only half made."""
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(".*"))
    elif source.exists():
        shutil.copy2(source, target)


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file() and file != folder / MANIFEST)


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _verified(folder: Path) -> Manifest:
    """The manifest of a backup whose files are all there and as they were."""
    try:
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise click.ClickException(
            f"{folder} is no complete backup: {MANIFEST} cannot be read ({type(error).__name__})."
        ) from error
    for name, digest in manifest.files.items():
        if not (folder / name).is_file() or _digest(folder / name) != digest:
            raise click.ClickException(f"The backup is damaged: {name} is missing or not what was written.")
    return manifest


def _copy_in(settings: Settings, folder: Path, manifest: Manifest) -> None:
    target = copies(settings)
    _refuse_unfit(settings, target, manifest)
    target.load(folder)
    if target.rows() != manifest.rows:
        raise click.ClickException("The restored database does not hold the rows of the backup.")
    for name in KEPT:
        _copy(folder / name, settings.data / name)
    db.migrate(settings)


def _refuse_unfit(settings: Settings, target: Copies, manifest: Manifest) -> None:
    """Nothing is overwritten, and nothing is loaded that this version would not understand."""
    if manifest.database != target.name:
        raise click.ClickException(
            f"The backup is of {manifest.database}, DATABASE_URL names {target.name}: a backup goes back to its kind."
        )
    if manifest.revision not in _revisions(settings):
        raise click.ClickException(
            f"The backup was made by Frontline {manifest.frontline}, which is newer: install that one first."
        )
    there = [name for name in KEPT if (settings.data / name).exists()]
    if there:
        raise click.ClickException(f"{settings.data} is not empty ({there[0]}): restore into a new FRONTLINE_DATA.")
    if not target.is_empty():
        raise click.ClickException("The database is not empty: restore into a new one.")


def _revisions(settings: Settings) -> set[str]:
    """The schemas that this version can bring to its own."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(db.alembic_config(settings))
    return {script.revision for script in scripts.walk_revisions()}
