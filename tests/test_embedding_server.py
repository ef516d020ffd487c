"""The server of the tests, held to the protocol by the official client on its own."""

import numpy as np
import openai
import pytest
from embedding_server import KEY, WIDTH, embedding_server, vectors_of

TEXTS = ["a good film", "bad", "ação", "a good film"]


@pytest.fixture
def server():
    with embedding_server() as server:
        yield server


@pytest.fixture
def client(server):
    with openai.OpenAI(api_key=KEY, base_url=server.url, max_retries=0, timeout=2.0) as client:
        yield client


def asked(client, **options):
    answer = client.embeddings.create(model="small", input=TEXTS, **options)
    return np.array([row.embedding for row in sorted(answer.data, key=lambda row: row.index)])


@pytest.mark.parametrize("options", [{}, {"encoding_format": "float"}], ids=str)
def test_the_client_reads_its_vectors(server, client, options):
    np.testing.assert_array_equal(asked(client, **options), vectors_of(TEXTS))
    assert server.texts == [TEXTS] and server.keys == [f"Bearer {KEY}"]
    answer = client.embeddings.create(model="small", input=TEXTS[:2])
    assert (answer.usage.total_tokens, answer.model, answer.object) == (4, "small", "list")


def test_base64_is_what_the_client_asks_for_by_itself(server, client):
    asked(client)
    asked(client, encoding_format="float")
    assert [body["encoding_format"] for body in server.bodies] == ["base64", "float"]


def test_dimensions(client):
    np.testing.assert_array_equal(asked(client, dimensions=3), vectors_of(TEXTS, 3))


def test_vectors_out_of_order_are_known_by_their_index(server, client):
    server.faults = ["shuffled"]
    np.testing.assert_array_equal(asked(client), vectors_of(TEXTS))


@pytest.mark.parametrize("texts", [[], [""], ["a", ""], ["a"] * 2049])
def test_what_the_service_refuses_is_refused(client, texts):
    with pytest.raises(openai.BadRequestError, match="input' is invalid"):
        client.embeddings.create(model="small", input=texts)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("status 429 retry-after=7", openai.RateLimitError),
        ("status 401 echo=1", openai.AuthenticationError),
        ("status 500", openai.InternalServerError),
        ("reset", openai.APIConnectionError),
        ("truncated", openai.APIConnectionError),
        ("slow", openai.APITimeoutError),
    ],
)
def test_its_faults_are_those_that_the_client_tells_apart(server, client, fault, error):
    server.faults = [fault]
    with pytest.raises(error) as caught:
        asked(client)
    assert type(caught.value) is error
    if fault.startswith("status 429"):
        assert caught.value.response.headers["retry-after"] == "7"
    if "echo" in fault:
        assert KEY in str(caught.value)
    assert asked(client).shape == (4, WIDTH)
