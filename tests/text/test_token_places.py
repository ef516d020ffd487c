import pytest

from textseq import Tokenizer
from textseq.text.token_places import token_places


@pytest.mark.parametrize(
    "text",
    [
        "Don’t go!",
        "  Mr. Smith... cannot pay 1,000 “dollars”  ",
        "cafe\u0301s in I\u0307stanbul\u0301, İzmir and 東京",
        "soft\u00adhyphens and e-mail: a.b@c.org",
        "",
    ],
)
@pytest.mark.parametrize("lowercase", [True, False])
def test_tokens_are_cut_from_where_they_stand(text, lowercase):
    tokenizer = Tokenizer(lowercase=lowercase)
    (tokens,) = tokenizer.tokenize([text]).to_lists()
    places = token_places(text, tokens, lowercase=lowercase)
    for token, (start, end) in zip(tokens, places, strict=True):
        again = tokenizer.tokenize([text[start:end]]).to_lists()[0]
        # What was cut apart may be so again, as "n't" is not.
        assert "".join(again) == token
    assert (places[1:, 0] >= places[:-1, 1]).all()


def test_tokens_that_are_not_in_the_text_have_no_places():
    assert token_places("going home", ["go", "home"], lowercase=True) is None
