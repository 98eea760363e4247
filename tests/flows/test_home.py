"""The page that everybody sees first: it tells the truth about the system and leads nowhere in vain."""

import re

import pytest


def links(page):
    return set(re.findall(r'(?:href|src)="(/[^"]*)"', page))


def test_every_link_on_the_home_page_works(client):
    page = client.get("/").get_data(as_text=True)
    assert {"/console", "/sign-in"} <= links(page)
    broken = [link for link in links(page) if client.get(link).status_code >= 400]
    assert broken == []


@pytest.mark.by_hand
def test_the_home_page_tells_which_part_does_not_work(client):
    page = client.get("/").get_data(as_text=True)
    assert "沒有在工作，訊息先存著" in page  # no worker runs here
    assert page.count("正常") == 1


def test_a_real_shop_shows_neither_simulator_nor_demo_accounts(client):
    page = client.get("/").get_data(as_text=True)
    assert "/simulator" not in page
    assert "示範帳號" not in page
