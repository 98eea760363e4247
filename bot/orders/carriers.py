"""Who brings parcels in Taiwan, what shops call them, and where one sees how far a parcel is.

Only 黑貓 takes the number in the address; the others have a page where it is typed in.
"""

import unicodedata
from dataclasses import dataclass
from urllib.parse import quote

from bot.ports import Shipment


@dataclass(frozen=True)
class Carrier:
    """`known_as`: pieces of names that shops give it, in small letters."""

    name: str
    known_as: tuple[str, ...]
    page: str


CARRIERS = (
    Carrier(
        "黑貓宅急便", ("黑貓", "t-cat", "tcat", "宅急便"), "https://www.t-cat.com.tw/Inquire/TraceDetail.aspx?BillID={}"
    ),
    Carrier("新竹物流", ("新竹", "hct"), "https://www.hct.com.tw/Search/SearchGoods_n.aspx"),
    Carrier(
        "7-ELEVEN",
        ("7-11", "7-eleven", "711", "seven", "統一超商"),
        "https://eservice.7-11.com.tw/e-tracking/search.aspx",
    ),
    Carrier("全家", ("全家", "family", "fami"), "https://fmec.famiport.com.tw/FP_Entrance/QueryBox"),
    Carrier("台灣宅配通", ("宅配通", "e-can", "ecan", "pelican"), "https://www.e-can.com.tw/search_Goods.aspx"),
    Carrier("中華郵政", ("郵局", "郵政", "post"), "https://postserv.post.gov.tw/pstmail/main_mail.html"),
)


def named(text: str) -> Carrier | None:
    """The carrier that a shop means by these words."""
    said = unicodedata.normalize("NFKC", text).lower()
    return next((carrier for carrier in CARRIERS if any(name in said for name in carrier.known_as)), None)


def name(shipment: Shipment) -> str:
    """The carrier as customers know it; the shop's own word for one that we do not know."""
    carrier = named(shipment.carrier)
    return carrier.name if carrier else shipment.carrier


def link(shipment: Shipment) -> str:
    """Where one sees how far the parcel is: the shop's link, else the carrier's page; empty where there is neither."""
    if shipment.url.startswith("https://"):
        return shipment.url
    carrier = named(shipment.carrier)
    return carrier.page.format(quote(shipment.tracking, safe="")) if carrier and shipment.tracking else ""
