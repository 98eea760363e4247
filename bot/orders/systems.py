"""Which order system a shop has, by its settings."""

from bot import db
from bot.errors import SettingsError
from bot.orders import mapping, shopify, shopline
from bot.orders.calling import Shop
from bot.orders.guarded import Guarded
from bot.orders.http import HttpOrders
from bot.orders.shopify import ShopifyOrders
from bot.orders.shopline import ShoplineOrders
from bot.orders.sql import SqlOrders
from bot.ports import Orders
from bot.settings import Settings


def choose(settings: Settings, sessions: db.Sessions) -> Orders:
    """The order system of these settings; one that must be called rests after failures."""
    if settings.orders == "sql":
        return SqlOrders(sessions, own=settings.demo)
    return Guarded(_called(settings))


def _called(settings: Settings) -> Orders:
    token = settings.orders_token
    match settings.orders:
        case "shopify":
            return ShopifyOrders(Shop(settings.orders_url, {shopify.TOKEN_HEADER: token}))
        case "shopline":
            return ShoplineOrders(Shop(settings.orders_url or shopline.BASE, {"Authorization": f"Bearer {token}"}))
        case _http:
            return http(settings)


def http(settings: Settings) -> HttpOrders:
    """The shop's own API, as its mapping file reads it."""
    if settings.orders_mapping is None:
        raise SettingsError("ORDERS_MAPPING is not set; see docs/orders.example.yml")
    mapped = mapping.load(settings.orders_mapping)
    header = {mapped.header: mapped.prefix + settings.orders_token} if settings.orders_token else {}
    return HttpOrders(Shop(settings.orders_url, header), mapped)
