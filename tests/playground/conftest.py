"""The page in which the tests open fitted models."""

import pytest
from page_models import PageModels


@pytest.fixture(scope="module")
def page(request, tmp_path_factory):
    """A page of Chromium, or with ``--firefox`` of Firefox."""
    name = "firefox" if request.config.getoption("--firefox") else "browser"
    return PageModels(request.getfixturevalue(name), tmp_path_factory.mktemp("page"))
