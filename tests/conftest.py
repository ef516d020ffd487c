"""What all tests share."""

import pytest


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory):
    """Keep the tests' word vectors out of the user's cache folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEXTSEQ_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
