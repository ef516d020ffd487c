import pytest

from textseq import ApiEmbedder
from textseq.cli.encoder_rows import encoder_rows


def test_encoders_and_services_by_their_names():
    first, row, last = encoder_rows("mean, api:text-embedding-3-large,bilstm")
    assert (first, last) == ("mean", "bilstm")
    ((name, embedder),) = row.items()
    assert name == "api:text-embedding-3-large"
    assert type(embedder) is ApiEmbedder and embedder.model == "text-embedding-3-large"
    assert embedder.base_url is None and embedder.api_key is None


def test_a_model_may_have_a_colon_in_its_name():
    (row,) = encoder_rows("api:nomic-embed-text:v1.5")
    assert row["api:nomic-embed-text:v1.5"].model == "nomic-embed-text:v1.5"


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        ("mean,apy:m", "unknown kind of model 'apy'; did you mean 'api'"),
        ("api:", "'api:' names no model; write it after the colon"),
    ],
)
def test_other_names_are_refused(listed, message):
    with pytest.raises(ValueError, match=message):
        encoder_rows(listed)
