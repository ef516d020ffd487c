import pytest

from textseq import ApiEmbedder, TransformerEmbedder
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


def test_a_transformer_is_named_by_its_folder_alone(tmp_path):
    for folder in ("one/minilm", "two/minilm", "two/other"):
        (tmp_path / folder).mkdir(parents=True)
        for file in ("config.json", "tokenizer.json", "model.safetensors"):
            (tmp_path / folder / file).write_text("{}")
    listed = [f"transformer:{tmp_path / folder}" for folder in ("one/minilm", "two/other")]
    first, last = encoder_rows(",".join(listed))
    ((name, embedder),) = first.items()
    assert name == "transformer:minilm"
    assert type(embedder) is TransformerEmbedder
    assert embedder.model == str(tmp_path / "one" / "minilm")
    assert list(last) == ["transformer:other"]
    # Two of one name are told apart by what stands above them.
    twice = [f"transformer:{tmp_path / folder}" for folder in ("one/minilm", "two/minilm")]
    assert [name for row in encoder_rows(",".join(twice)) for name in row] == twice


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        ("mean,apy:m", "unknown kind of model 'apy'; did you mean 'api'"),
        ("api:", "'api:' names no model; write it after the colon"),
        ("transformer:", "'transformer:' names no model; write it after the colon"),
        ("mean,transformer:no/such/folder", "there is no folder 'no/such/folder'"),
        ("transformer:.", "has no config.json; a model is a folder with"),
    ],
)
def test_other_names_are_refused(listed, message):
    with pytest.raises(ValueError, match=message):
        encoder_rows(listed)
