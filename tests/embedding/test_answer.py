import base64
import json

import numpy as np
import pytest

from textseq.embedding.answer import Answer, AnswerError

VECTORS = np.array([[1.5, -2, 0.25], [0, 1, 2]], np.float32)


def row(index, embedding):
    return {"index": index, "embedding": embedding}


def body(*rows, **more):
    return json.dumps({"data": list(rows), **more}).encode()


def packed(vector):
    return base64.b64encode(vector.tobytes()).decode()


@pytest.mark.parametrize("form", [packed, np.ndarray.tolist])
def test_both_forms_of_numbers(form):
    answer = Answer.read(body(row(1, form(VECTORS[1])), row(0, form(VECTORS[0]))), 2)
    np.testing.assert_array_equal(answer.vectors, VECTORS)
    assert answer.vectors.dtype == np.float32 and answer.n_tokens is None


def test_the_tokens_it_counted():
    rows = [row(0, [1.0])]
    assert Answer.read(body(*rows, usage={"total_tokens": 7, "prompt_tokens": 6}), 1).n_tokens == 7
    assert Answer.read(body(*rows, usage={"prompt_tokens": 6}), 1).n_tokens == 6
    for usage in (None, [], {"total_tokens": "7"}, {"total_tokens": -1}, {"total_tokens": True}):
        assert Answer.read(body(*rows, usage=usage), 1).n_tokens is None


def test_what_is_no_number_is_left_for_the_caller_to_see():
    answer = Answer.read(body(row(0, [float("nan"), 1]), row(1, [1e300, 1])), 2)
    assert np.isfinite(answer.vectors).tolist() == [[False, True]] * 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"data": [', "10 bytes that are no JSON"),
        (b"\xff", "1 bytes that are no JSON"),
        (b"[]", "without the list"),
        (b'{"data": null}', "without the list"),
        (b'{"data": [[1.0], [2.0]]}', "without the list"),
        (body(row(0, [1.0])), "1 vectors for 2 texts"),
        (body(*[row(n, [1.0]) for n in range(3)]), "3 vectors for 2 texts"),
        (body(row(0, [1.0]), row(0, [1.0])), "otherwise than 0, 1"),
        (body(row(1, [1.0]), row(2, [1.0])), "otherwise than 0, 1"),
        (body(row(0, [1.0]), row(True, [1.0])), "otherwise than 0, 1"),
        (body(row(0, [1.0]), row("1", [1.0])), "otherwise than 0, 1"),
        (body(row(0, [1.0]), {"embedding": [1.0]}), "otherwise than 0, 1"),
        (body(row(0, [1.0]), row(1, [1.0, 2.0])), "vectors of 1 and of 2 numbers"),
        (body(row(0, [1.0]), row(1, [])), "an empty vector"),
        (body(row(0, [1.0]), row(1, "")), "an empty vector"),
        (body(row(0, [1.0]), row(1, [[1.0]])), "an empty vector"),
        (body(row(0, [1.0]), row(1, "AAA")), "neither numbers nor base64"),
        (body(row(0, [1.0]), row(1, "AAAAAAA=")), "neither numbers nor base64"),
        (body(row(0, [1.0]), row(1, "?!?!")), "neither numbers nor base64"),
        (body(row(0, [1.0]), row(1, ["x"])), "neither numbers nor base64"),
        (body(row(0, [1.0]), row(1, [1.0, [2.0]])), "neither numbers nor base64"),
        (body(row(0, [1.0]), row(1, {"a": 1})), "neither numbers nor base64"),
        (body(row(0, [1.0]), {"index": 1}), "an empty vector"),
    ],
)
def test_whatever_else_is_refused(content, said):
    with pytest.raises(AnswerError, match=said):
        Answer.read(content, 2)


def test_a_refused_answer_was_paid_for():
    with pytest.raises(AnswerError) as caught:
        Answer.read(body(row(0, [1.0]), usage={"total_tokens": 5}), 2)
    assert caught.value.n_tokens == 5
