"""Token vectors that start from word vectors."""

import numpy as np
import pytest
from subword_tables import minilm_folder

from textseq import Seq2Seq, WordVectors, load_model

NUMBERS = ["1", "2", "1 2", "2 1"] * 8
WORDS = ["one", "two", "one two", "two one"] * 8
OF_NUMBERS = WordVectors(["1", "2", "beyond"], np.array([[1.0, 2, 3], [3, 2, 1], [5, 5, 5]]))
OF_WORDS = WordVectors(["one", "two"], np.array([[1.0, 0, 0, 2], [0, 1, 2, 0]]))


def prepared(**parameters):
    model = Seq2Seq(hidden_size=8, embedding_dim=6, max_epochs=2, n_threads=1, random_state=0)
    model.set_params(**parameters).prepare(NUMBERS, WORDS)
    return model


def test_sources_start_from_their_vectors_as_they_are():
    model = prepared(vectors=OF_NUMBERS)
    table = model.network_.inputs.weight
    # A word that only the vectors know stays unknown.
    assert model.vocabulary_.tokens == ("<pad>", "<unk>", "1", "2")
    assert table.tolist() == [[0, 0, 0], [0, 0, 0], [1, 2, 3], [3, 2, 1]]
    assert model.network_.decoder.inputs.weight.shape[1] == 6


def test_targets_start_from_theirs_in_the_size_that_the_decoder_reads():
    model = prepared(target_vectors=OF_WORDS)
    table = model.network_.decoder.inputs.weight
    ids = model.target_vocabulary_.ids_of(["one", "two"])
    found = table[ids].detach().numpy()
    ratio = found[found != 0] / OF_WORDS.matrix[OF_WORDS.matrix != 0]
    assert np.allclose(ratio, ratio[0]) and ((found == 0) == (OF_WORDS.matrix == 0)).all()
    assert float(table.detach().std(unbiased=False)) == pytest.approx(4**-0.5)
    assert model.network_.inputs.weight.shape[1] == 6


def test_vectors_learn_unless_they_are_frozen(tmp_path):
    for freeze in (False, True):
        model = Seq2Seq(
            hidden_size=8, max_epochs=2, n_threads=1, random_state=0, vectors=OF_NUMBERS,
            freeze_vectors=freeze, target_vectors=OF_WORDS,
        ).fit(NUMBERS, WORDS)  # fmt: skip
        stays = np.array_equal(model.network_.inputs.weight[2:].numpy(), OF_NUMBERS.matrix[:2])
        assert stays == freeze
        opened = load_model(model.save(tmp_path / "m.textseq"))
        assert np.array_equal(
            opened.score_samples(NUMBERS[:4], WORDS[:4]),
            model.score_samples(NUMBERS[:4], WORDS[:4]),
        )


def test_a_table_of_subwords_is_refused(tmp_path):
    table = minilm_folder(tmp_path / "table")
    with pytest.raises(ValueError, match="are a table of subwords, whose own tokenizer cuts"):
        prepared(vectors=table)
