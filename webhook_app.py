"""The composition root: plugs the desk, the content, the channels and the NLU into the engine. No logic.

`app` (web) and `main` (the command `frontline`) are made when they are asked for. The event stream needs neither the
content nor any implementation and has a root of its own: `handoff.stream.process`.
"""

from functools import partial
from typing import Any

from flask import Flask

from bot import api, cli, db, log, services, webhooks
from bot.auth import keys
from bot.auth.accounts import DEMO_USERS, load_demo_users, retire_demo_users
from bot.auth.passwords import DEMO_PASSWORD
from bot.channels.accounts import Accounts
from bot.channels.email import Email
from bot.channels.kept import KeptAccounts
from bot.channels.line import Line
from bot.channels.line.audiences import LineAudiences
from bot.channels.line.menus import LineMenus
from bot.channels.messenger import INSTAGRAM, MESSENGER, Messenger
from bot.cli import gunicorn
from bot.cli.mistakes import explained
from bot.cli.nlu import nlu as nlu_commands
from bot.cli.orders import orders as order_commands
from bot.cli.outbox import outbox as outbox_commands
from bot.cli.replay import replay
from bot.cli.root import Root, SignIn, read_settings
from bot.cli.tokens import token
from bot.cli.users import user
from bot.health import alive, state
from bot.nlu.embedded import Embedded
from bot.nlu.fallback import Fallback
from bot.nlu.forms import forms as load_forms
from bot.nlu.pointer import Pointer
from bot.nlu.policy import load as load_policy
from bot.nlu.rasa import Rasa
from bot.nlu.release import train_shipped
from bot.nlu.safe import Safe
from bot.orders import systems
from bot.ports import Nlu, Wiring
from bot.services import Services
from bot.settings import Settings
from bot.simulator import orders as demo_orders
from bot.simulator import page as simulator_page
from bot.simulator.credentials import demo_credentials
from bot.simulator.customers import CUSTOMERS
from bot.web import site
from faq import demo as faq_demo
from faq import editor, lessons, matrix, public, releases, report, reviews, storefront, tally, understanding, writing
from faq.answers import PublishedAnswers
from faq.articles import WithheldTexts
from faq.commands import faq as faq_commands
from faq.knowledge import PublishedKnowledge
from faq.menus import linking, making
from faq.menus.labels import MenuLabels
from faq.replies import ReplyTemplates
from faq.unanswered import reminding
from handoff import api as desk_api
from handoff import board, campaigns, changing, console, invariant, ticker
from handoff.assignment import teams
from handoff.commands import hook
from handoff.commands import notices as notice_commands
from handoff.commands import sla as sla_commands
from handoff.commands import team as team_commands
from handoff.commands import tickets as ticket_commands
from handoff.marketing import Register, audiences, batches
from handoff.marketing import demo as demo_campaigns
from handoff.tickets import Desk, asking, expiring

# What runs now and then registers itself where it is written.
JOBS = (
    ticker,
    invariant,
    asking,
    expiring,
    releases,
    reviews,
    reminding,
    tally,
    batches,
    audiences,
    changing,
    making,
    linking,
)
BODY_LIMIT = 10_000_000
COMMANDS = (
    nlu_commands,
    faq_commands,
    ticket_commands,
    team_commands,
    sla_commands,
    notice_commands,
    hook,
    replay,
    outbox_commands,
    order_commands,
    token,
    user,
)


def wire(settings: Settings, sessions: db.Sessions) -> Wiring:
    """Choose the implementations for these settings."""
    line = _line_accounts(settings, sessions)
    return Wiring(
        nlu=_nlu(settings, sessions),
        answers=PublishedAnswers(),
        templates=ReplyTemplates(),
        knowledge=PublishedKnowledge(),
        withheld=WithheldTexts(),
        desk=Desk(settings),
        orders=systems.choose(settings, sessions),
        campaigns=Register(sessions),
        audiences=LineAudiences(line.of),
        menus=LineMenus(line.of),
        labels=MenuLabels(),
        channels={
            "line": line,
            MESSENGER: _meta_accounts(settings, sessions, MESSENGER, settings.meta_page_id),
            INSTAGRAM: _meta_accounts(settings, sessions, INSTAGRAM, settings.meta_ig_id),
            "email": Email(settings.smtp_url, settings.mail_from, settings.shop_name),
        },
    )


def _nlu(settings: Settings, sessions: db.Sessions) -> Nlu:
    embedded = Embedded(settings, sessions)
    if not settings.rasa_urls:
        return Safe(embedded)
    return Safe(Fallback(Rasa(settings, Pointer(sessions).learned), embedded))


def _line_accounts(settings: Settings, sessions: db.Sessions) -> Accounts:
    speak = partial(_line, settings)
    kept = KeptAccounts("line", sessions, partial(keys.unseal, settings), speak)
    return Accounts(speak(*_line_keys(settings)), kept)


def _line_keys(settings: Settings) -> tuple[tuple[str, ...], str]:
    if not settings.demo:
        return settings.line_secrets, settings.line_channel_access_token
    secret, token = demo_credentials(settings)
    return (secret,), token


def _line(settings: Settings, secrets: tuple[str, ...], token: str) -> Line:
    """The simulator is both halves of LINE's API."""
    if settings.simulator_url:
        return Line(secrets, token, settings.simulator_url)
    return Line(secrets, token, settings.line_api_base, data_base="" if settings.demo else settings.line_data_api_base)


def _meta_accounts(settings: Settings, sessions: db.Sessions, channel: str, first_id: str) -> Accounts:
    bases = {MESSENGER: settings.meta_graph_base, INSTAGRAM: settings.meta_ig_graph_base}
    tokens = {MESSENGER: settings.meta_page_access_token, INSTAGRAM: settings.meta_ig_access_token}
    speak = partial(Messenger, channel, api_base=bases[channel], app_id=settings.meta_app_id)
    kept = KeptAccounts(channel, sessions, partial(keys.unseal, settings), speak)
    return Accounts(speak(settings.meta_secrets, tokens[channel]), kept, first_id)


def install(settings: Settings) -> Services:
    """Wire this process."""
    return services.install(services.build(settings, wire))


def prepare(settings: Settings) -> None:
    """Make a data folder ready: schema, shipped understanding, teams, and in a real shop nobody left of the demo."""
    load_forms()  # malformed, they are refused before anybody is asked anything
    db.migrate(settings)
    sessions = install(settings).sessions
    train_shipped(settings, sessions)
    with sessions.begin() as session:
        db.alone(session)
        teams.prepare(session, {key: team.name for key, team in load_policy()[0].teams.items()})
        if not settings.demo:
            retire_demo_users(session)


def load_demo(settings: Settings) -> None:
    """The demo's people, their teams, answers, orders and campaigns, where they are missing."""
    with install(settings).sessions.begin() as session:
        db.alone(session)
        load_demo_users(session)
        teams.load_demo(session)
        faq_demo.load_demo(session)
        demo_orders.load_demo(session)
        demo_campaigns.load_demo(session, [(one.id, one.name) for one in reversed(CUSTOMERS)])


def create_app(current: Services) -> Flask:
    """The web process."""
    app = Flask("bot")
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    site.init_app(app, current)
    for blueprint in (
        webhooks.blueprint,
        alive.blueprint,
        state.blueprint,
        site.blueprint,
        site.files.blueprint,
        console.blueprint,
        editor.blueprint,
        lessons.blueprint,
        storefront.blueprint,
        matrix.blueprint,
        report.blueprint,
        understanding.blueprint,
        writing.blueprint,
        board.blueprint,
        campaigns.blueprint,
        api.blueprint,
        desk_api.blueprint,
    ):
        app.register_blueprint(blueprint)
    public.register(app)
    if current.settings.demo:
        app.register_blueprint(simulator_page.blueprint)
    return app


def __getattr__(name: str) -> Any:
    """`webhook_app:app` for gunicorn, made on first use."""
    if name != "app":
        raise AttributeError(name)
    log.configure(name)
    return gunicorn.load(_started)


def _started() -> Flask:
    settings = read_settings()
    with explained(settings):
        return create_app(install(settings))


def main() -> None:
    """The command `frontline`."""
    sign_ins = tuple(SignIn(role, username, DEMO_PASSWORD) for username, _, role in DEMO_USERS)
    cli.main_group(Root(prepare, load_demo, install, sign_ins, faq_demo.intents), *COMMANDS)()
