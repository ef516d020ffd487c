"""Several networks that tag together: what they answer is what theirs say together."""

from itertools import product

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from textseq import SequenceTagger, explain, load_model
from textseq.training.outputs import as_tensors

WORDS = [["see", "the", "sea"], ["the", "old", "sea"], ["see", "old", "ships", "of", "Ana"]] * 70
TAGS = [["V", "D", "N"], ["D", "A", "N"], ["V", "A", "N", "P", "N"]] * 70
SMALL = {"hidden_size": 4, "embedding_dim": 4, "max_epochs": 2, "random_state": 0, "n_threads": 1}


@pytest.fixture(scope="module", params=["crf", "linear"])
def three(request):
    return SequenceTagger(request.param, n_members=3, **SMALL).fit(WORDS, TAGS)


def log_p_of_taggings(network, fields, taggings):
    """Return log p (n,) of whole taggings of one row."""
    ((ids, offsets, *others),) = fields
    emissions, lengths = network.emissions(ids, offsets, others)
    each = [network.tags.losses(emissions, tags[None], lengths) for tags in taggings]
    return -torch.cat(each).double()


def test_whole_taggings_are_as_probable_as_the_networks_hold_them_together(three):
    row, n_tags = ["the", "old", "sea"], len(three.classes_)
    taggings = torch.tensor(list(product(range(n_tags), repeat=3)))
    fields = as_tensors(three.rows([row]))
    with torch.inference_mode():
        log_p = [log_p_of_taggings(one, fields, taggings) for one in three.networks]
    together = torch.stack(log_p).mean(0).softmax(0)  # a geometric mean, which sums to 1
    expected = [
        [float(together[taggings[:, step] == tag].sum()) for tag in range(n_tags)]
        for step in range(3)
    ]
    (found,) = three.predict_proba([row])
    assert_allclose(found, expected, atol=1e-6)
    best = three.classes_[taggings[together.argmax()].numpy()].tolist()
    assert three.predict([row]) == [best]


def test_each_is_a_model_of_its_own_and_differs(three):
    alone = [three.member(number).predict_proba(WORDS[:3]) for number in range(3)]
    assert not any(np.allclose(alone[0][0], other[0]) for other in alone[1:])
    receipts = three.receipt_["members"]
    assert [one["validation_rows"] for one in receipts] == [21, 21, 21]
    assert len({one["seed"] for one in receipts}) == 3
    assert three.n_parameters_ == 3 * three.member(0).n_parameters_


def test_rows_alone_and_in_a_batch_and_files(three, tmp_path):
    found = three.predict_proba(WORDS[:6])
    for row, expected in zip(WORDS[:6], found, strict=True):
        assert_allclose(three.predict_proba([row])[0], expected, atol=1e-6)
    opened = load_model(three.save(tmp_path / "m.textseq"))
    for one, other in zip(opened.predict_proba(WORDS[:6]), found, strict=True):
        assert np.array_equal(one, other)
    again = SequenceTagger(three.head, n_members=3, **SMALL).fit(WORDS, TAGS)
    assert again.receipt_["weights_sha256"] == three.receipt_["weights_sha256"]
    other = SequenceTagger(three.head, **SMALL).fit(WORDS, TAGS)
    assert other.receipt_["weights_sha256"] != three.receipt_["weights_sha256"]


def test_validation_rows_that_are_given_choose_for_all():
    model = SequenceTagger(n_members=2, **SMALL).fit(WORDS, TAGS, validation_data=(WORDS, TAGS))
    assert [one["rows"] for one in model.receipt_["members"]] == [210, 210]
    assert [one["validation_rows"] for one in model.receipt_["members"]] == [210, 210]


def test_one_is_looked_at_and_put_on_a_page(three, tmp_path):
    with pytest.raises(ValueError, match=r"by 3 networks together.*model.member\(0\)"):
        explain(three, WORDS[0])
    assert explain(three.member(1), WORDS[0]).table["token"].tolist() == WORDS[0]
    assert "takes their mean" in three.to_page(tmp_path / "page.html").read_text()
