import numpy as np
import pytest
from comparisons import make_comparison, with_costs

from textseq.comparison.scores.run import Run
from textseq.comparison.scores.services import (
    cache_warnings,
    cached_share,
    dollars_per_1000,
    services_receipt,
)


def made_run(**receipt):
    none = dict(price=0.0, cached_price=0.0, n_cached=0, n_embedded=0, n_requests=0, n_tokens=0)
    service = none | receipt if receipt else None
    return Run(np.zeros(1), None, None, None, 0.1, 0.1, service=service)


ASKED = made_run(price=0.004, n_embedded=200, n_requests=3, n_tokens=40_000)
CACHED = made_run(cached_price=0.004, n_cached=200)


def test_the_price_is_the_same_from_the_cache():
    assert dollars_per_1000([ASKED]) == pytest.approx(0.02)
    assert dollars_per_1000([CACHED]) == pytest.approx(0.02)
    assert dollars_per_1000([ASKED, CACHED]) == pytest.approx(0.02)


def test_no_service_and_no_price_known():
    unknown = made_run(price=None, cached_price=None, n_embedded=5, n_requests=1, n_tokens=9)
    assert dollars_per_1000([made_run()]) is None
    assert dollars_per_1000([unknown]) is None
    assert dollars_per_1000([ASKED, unknown]) is None
    assert services_receipt({"mean": [[made_run()]]}) == {}
    (told,) = services_receipt({"mean": [[made_run()]], "s": [[unknown]]})["services"].items()
    assert told == ("s", {"requests": 1, "tokens": 9, "dollars": None})


def test_the_receipt_is_of_what_was_paid_now():
    told = services_receipt({"ada": [[ASKED, CACHED], [ASKED]]})["services"]["ada"]
    assert told == {"requests": 6, "tokens": 80_000, "dollars": 0.008}


def test_texts_from_the_cache_are_told_of():
    assert cached_share([made_run()]) == 0
    assert cached_share([ASKED, CACHED]) == 0.5
    assert cache_warnings(with_costs(make_comparison()).models) == [
        "60 % of the vectors of my svm came from the cache; its times are those of the disk "
        "there, not of the service"
    ]
    assert cache_warnings(make_comparison().models) == []
