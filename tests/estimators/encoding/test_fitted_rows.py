"""Forms of rows at the doors of the three models of sequences: read as meant, or refused."""

import unicodedata
from dataclasses import replace

import numpy as np
import pytest
from row_forms import LISTS, REFUSED, TEXTS

from textseq import LanguageModel, Seq2Seq, SequenceTagger, Tokenizer, Tokens, load_model
from textseq.estimators.encoding.fitted_rows import cut_as_fitted, read_as_fitted
from textseq.text.vocabulary import Vocabulary

# Of translators that have hardly learned.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.* answers end where they would have gone on"),
    pytest.mark.filterwarnings("ignore:words that training had not"),
]

# These read texts from a data set some at a time, and say what they miss in this one of lists.
NO_TEXTS = r"the dataset has no column 'text', and of its columns of strings \(none\)"
NO_TARGET = "of sources that are read from elsewhere target= names the column of targets"
TOKENS_FITTED = "texts are read alone, and the model was fitted to tokens"
COLUMN_ASKED = {
    "translator": {
        "fit": dict.fromkeys(("lists", "texts"), NO_TARGET),
        "predict": {"lists": TOKENS_FITTED, "texts": NO_TEXTS},
    },
    "language model": {door: {"texts": NO_TEXTS} for door in ("fit", "predict", "score")},
}

WORDS = [["Ana", "is", "cold"], ["Bob", "was", "old"], ["Eve", "won", "José"]]
STRINGS = [" ".join(row) for row in WORDS]
TAGS = [["N", "V", "A"]] * 3
SMALL = dict(hidden_size=8, embedding_dim=6, max_epochs=2, n_threads=1, random_state=0)
TRANSLATOR = SMALL | dict(validation_fraction=0.0)


class Door:
    """A model's ``fit``, ``predict`` and ``score``, with rows in the places that take them."""

    def __init__(self, model, fit, predict, score):
        self.model, self.fit, self.predict, self.score = model, fit, predict, score


def translator(rows):
    model = Seq2Seq(**TRANSLATOR).fit(rows * 8, rows * 8)
    return Door(
        model,
        lambda X: Seq2Seq(**TRANSLATOR).fit(X, X).score_samples(rows, rows).tolist(),
        lambda X: model.predict(X),
        lambda X: [model.score_samples(X, X).tolist(), model.bleu(X, X).score],
    )


def tagger(rows):
    model = SequenceTagger(**SMALL).fit(rows * 8, TAGS * 8)
    return Door(
        model,
        lambda X: np.concatenate(SequenceTagger(**SMALL).fit(X, TAGS).predict_proba(rows)).tolist(),
        lambda X: model.predict(X),
        lambda X: model.score(X, TAGS),
    )


def language_model(rows):
    texts = [" ".join(row) if isinstance(row, list) else row for row in rows]
    model = LanguageModel("word", **SMALL).fit(texts * 8)
    return Door(
        model,
        lambda X: LanguageModel("word", **SMALL).fit(X).score_samples(texts).tolist(),
        lambda X: model.score_samples(X).tolist(),
        lambda X: model.perplexity(X),
    )


@pytest.fixture(scope="module")
def of_lists():
    return {"translator": translator(WORDS), "tagger": tagger(WORDS)}


@pytest.fixture(scope="module")
def of_texts():
    return {"translator": translator(STRINGS), "language model": language_model(STRINGS)}


@pytest.mark.parametrize("door", ["fit", "predict", "score"])
@pytest.mark.parametrize("form", LISTS)
@pytest.mark.parametrize("name", ["translator", "tagger"])
def test_lists_in_any_form_answer_as_plain_lists(of_lists, name, form, door):
    ask = getattr(of_lists[name], door)
    assert ask(LISTS[form](WORDS)) == ask(WORDS)


@pytest.mark.parametrize("door", ["fit", "predict", "score"])
@pytest.mark.parametrize("form", TEXTS)
@pytest.mark.parametrize("name", ["translator", "language model"])
def test_texts_in_any_form_answer_as_plain_lists(of_texts, name, form, door):
    ask = getattr(of_texts[name], door)
    assert ask(TEXTS[form](STRINGS)) == ask(STRINGS)


@pytest.mark.parametrize("door", ["predict", "score"])
@pytest.mark.parametrize("form", ["plain", *LISTS])
@pytest.mark.parametrize("name", ["translator", "language model"])
def test_words_of_texts_answer_as_the_texts(of_texts, name, form, door):
    # BLEU takes a list for several references, so that its words are refused.
    ask = getattr(of_texts[name], door)
    if name == "translator" and door == "score":
        ask = lambda X: of_texts[name].model.score_samples(X, X).tolist()  # noqa: E731
    assert ask(WORDS if form == "plain" else LISTS[form](WORDS)) == ask(STRINGS)


@pytest.mark.parametrize("door", ["fit", "predict", "score"])
@pytest.mark.parametrize("form", REFUSED)
@pytest.mark.parametrize("name", ["translator", "tagger", "language model"])
def test_what_is_no_row_is_refused_at_every_door(of_lists, of_texts, name, form, door):
    make, message = REFUSED[form]
    for kind, models in {"lists": of_lists, "texts": of_texts}.items():
        expected = "(X|src|texts).*" + message
        if form == "a data set" and name in COLUMN_ASKED:
            expected = COLUMN_ASKED[name].get(door, {}).get(kind, expected)
        if name in models:
            with pytest.raises(ValueError, match=expected):
                getattr(models[name], door)(make(WORDS))


@pytest.mark.parametrize("door", ["fit", "predict", "score"])
@pytest.mark.parametrize("form", sorted({*TEXTS} - {"array of one column"}))
def test_a_tagger_refuses_texts(of_lists, form, door):
    with pytest.raises(ValueError, match=r"X\[0\] is one string, 'Ana is cold'; cut it first"):
        getattr(of_lists["tagger"], door)(TEXTS[form](STRINGS))


@pytest.mark.parametrize("form", TEXTS)
def test_a_translator_of_lists_refuses_texts(of_lists, form):
    model, texts = of_lists["translator"].model, TEXTS[form](STRINGS)
    message = "fitted to lists of tokens, and src.0. is one text, 'Ana is cold'; cut texts as"
    if form == "array of one column":
        message = "src has lists of whole texts, such as 'Ana is cold'; the model was fitted to li"
    for ask in (model.predict, lambda X: model.score_samples(X, WORDS)):
        with pytest.raises(ValueError, match=message):
            ask(texts)
    for ask in (model.score_samples, model.bleu):
        with pytest.raises(ValueError, match=message.replace("src", "tgt")):
            ask(WORDS, texts)


@pytest.mark.parametrize("form", LISTS)
def test_a_language_model_is_fitted_to_texts_alone(form):
    with pytest.raises(ValueError, match=r"texts holds lists of tokens.*level=str\.split have"):
        LanguageModel("word", **SMALL).fit(LISTS[form](WORDS))


def test_case_and_accents_of_words_are_those_of_texts(of_texts, of_lists):
    apart = [[unicodedata.normalize("NFD", token).upper() for token in row] for row in WORDS]
    for name in ("translator", "language model"):
        assert of_texts[name].predict(apart) == of_texts[name].predict(STRINGS)
    decomposed = [[unicodedata.normalize("NFD", token) for token in row] for row in WORDS]
    assert decomposed != WORDS
    for name in ("translator", "tagger"):
        assert of_lists[name].predict(decomposed) == of_lists[name].predict(WORDS)
        assert of_lists[name].score(decomposed) == of_lists[name].score(WORDS)
    # Tokens that were learned as they are keep their case.
    assert "Ana" in of_lists["translator"].model.vocabulary_
    assert "Ana" not in of_texts["translator"].model.vocabulary_


def test_a_row_is_read_alike_alone_and_among_others(of_texts):
    model = of_texts["translator"].model
    rows = [["I", "don't", "know", "U.S.", "n't", "José!"], ["one text of words"], ["Ana"], []]
    alone = [model.score_samples([row], STRINGS[:1])[0] for row in rows]
    assert model.score_samples(rows, STRINGS[:1] * 4).tolist() == alone
    joined = [" ".join(row) for row in rows]
    assert model.score_samples(joined[1:3], STRINGS[:1] * 2).tolist() == alone[1:3]


@pytest.mark.parametrize("kind", ["char", "bpe"])
def test_models_that_cut_words_read_texts_or_their_own_tokens(kind):
    model = Seq2Seq(tokenizer=kind, **TRANSLATOR).fit(STRINGS * 8, STRINGS * 8)
    expected = model.score_samples(STRINGS, STRINGS).tolist()
    own = model.tokenizer_.tokenize(STRINGS)
    assert model.score_samples(own, own).tolist() == expected
    assert model.score_samples([[text] for text in STRINGS], STRINGS).tolist() == expected
    if kind == "char":
        assert model.score_samples(own.to_lists(), STRINGS).tolist() == expected
    with pytest.raises(ValueError, match="which it cuts into .*src holds lists of tokens, such as"):
        model.predict(WORDS)
    with pytest.raises(ValueError, match="which it cuts into .*tgt holds lists of tokens, such as"):
        model.score_samples(STRINGS, WORDS)


def test_what_a_tokenizer_gave_stays_as_it_is():
    texts = ["It doesn't cost $1,000 … “so”, well-made #happy", "good!!! 🙂 e-mail: a@b.org 3.5"]
    tokenizer = Tokenizer()
    tokens = tokenizer.tokenize(texts)
    for known in (tokens, Tokens.from_lists([["other"]])):
        found = cut_as_fitted(tokens, "texts", tokenizer, Vocabulary.from_tokens(known))
        assert found.to_lists() == tokens.to_lists()


def test_pairs_go_to_models_of_pairs_alone(of_texts, of_lists):
    pairs = [("who won ?", "ana won ."), ("who lost ?", "bob did .")]
    two = "texts, and (src|texts).0. is two texts, 'who won .' and 'ana won .'; pass one text a row"
    for models in of_texts.values():
        for ask in (models.predict, models.score):
            with pytest.raises(ValueError, match=two):
                ask(pairs)
    for models in of_lists.values():
        for ask in (models.predict, models.score):
            with pytest.raises(ValueError, match="lists of whole texts.*fitted to lists of tokens"):
                ask(pairs)
        # As Tokens they are what they are said to be.
        assert len(models.predict(Tokens.from_lists(pairs))) == 2
    with pytest.raises(ValueError, match="texts holds two texts a row"):
        LanguageModel("word", **SMALL).fit(pairs)
    model = Seq2Seq(**TRANSLATOR).fit(pairs * 4, ["ana", "bob"] * 4)
    for rows, what in ((STRINGS, "one text, 'Ana is cold'; pass pairs"), (WORDS, "a list of 3")):
        with pytest.raises(ValueError, match="fitted to two texts a row|src.0. is " + what):
            model.predict(rows)


def test_files_remember_the_form_and_old_ones_read_as_they_did(of_lists, of_texts, tmp_path):
    for name, models in (("lists", of_lists), ("texts", of_texts)):
        model = models["translator"].model
        opened = load_model(model.save(tmp_path / f"{name}.textseq"))
        assert opened.encoding_.source_form == model.encoding_.source_form
        assert (
            opened.score_samples(WORDS, WORDS).tolist()
            == model.score_samples(WORDS, WORDS).tolist()
        )
    old = load_model(tmp_path / "texts.textseq")
    stored = old.encoding_.to_dict()
    del stored["source_form"]
    old.encoding_ = type(old.encoding_).from_dict(stored)
    assert old.predict(STRINGS) == of_texts["translator"].predict(STRINGS)
    lowered = [[token.lower() for token in row] for row in WORDS]
    assert (
        old.score_samples(lowered, STRINGS).tolist() == old.score_samples(STRINGS, STRINGS).tolist()
    )
    # They did not lower lists.
    assert (old.score_samples(WORDS, STRINGS) != old.score_samples(STRINGS, STRINGS)).all()
    tagger = load_model(of_lists["tagger"].model.save(tmp_path / "tagger.textseq"))
    kept = tagger.encoding_.to_dict()
    assert tagger.encoding_.composed
    del kept["composed"]
    tagger.encoding_ = type(tagger.encoding_).from_dict(kept)
    assert not tagger.encoding_.composed
    decomposed = [[unicodedata.normalize("NFD", "José")]]
    ids = tagger.encoding_.encode(Tokens.from_lists(decomposed)).to_lists()
    assert (
        ids
        == [[1]]
        != replace(tagger.encoding_, composed=True).encode(Tokens.from_lists(decomposed)).to_lists()
    )


def test_n_grams_of_tokens_are_not_guessed():
    with pytest.raises(ValueError, match="which it cuts into runs of words"):
        read_as_fitted(
            WORDS, "src", "texts", Tokenizer(ngram_range=(1, 2)), Vocabulary([], [], [], 0)
        )
