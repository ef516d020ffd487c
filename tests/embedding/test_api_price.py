import pytest

from textseq.embedding.api_price import OFFICIAL_URL, PRICES, api_price


def test_official_prices_are_those_of_the_official_address():
    assert api_price(1e6, "text-embedding-3-large", OFFICIAL_URL) == 0.13
    assert api_price(1e6, "text-embedding-3-large", "http://localhost/v1") is None
    assert api_price(1e6, "other", OFFICIAL_URL) is None
    assert api_price(0, "text-embedding-3-small", OFFICIAL_URL) == 0


def test_the_callers_prices_come_first():
    prices = {"text-embedding-3-small": 1.0, "own": 0.0}
    assert api_price(2e6, "text-embedding-3-small", OFFICIAL_URL, prices) == 2.0
    assert api_price(2e6, "own", "http://localhost/v1", prices) == 0
    assert api_price(1e6, "text-embedding-ada-002", OFFICIAL_URL, prices) == pytest.approx(0.1)
    assert PRICES["text-embedding-3-small"] == 0.02
