"""Taggers that read the characters of words."""

import unicodedata

import numpy as np
import pytest
from rounding import rounding

from textseq import LanguageModel, ModelFileError, SequenceTagger, load_model
from textseq.text.word_characters import CharacterVocabulary

RNG = np.random.default_rng(0)
STEMS = sorted({"".join(RNG.choice(list("abcdefgh"), 4)) for _ in range(170)})
RNG.shuffle(STEMS)
ENDINGS = {"ly": "ADV", "ing": "VERB", "ness": "NOUN"}


def suffixed(stems, n, rng):
    """Rows of words that no other row has, told apart by their endings, and by a capital."""
    X, y = [], []
    for _ in range(n):
        ends = rng.choice(list(ENDINGS), 4)
        words = [rng.choice(stems) + end for end in ends]
        capital = rng.random(4) < 0.3
        X.append([w.capitalize() if c else w for w, c in zip(words, capital, strict=True)])
        y.append(["NAME" if c else ENDINGS[end] for end, c in zip(ends, capital, strict=True)])
    return X, y


TRAIN, TEST = suffixed(STEMS[:100], 300, RNG), suffixed(STEMS[100:], 60, RNG)


def small(**parameters):
    own = dict(hidden_size=8, embedding_dim=6, max_epochs=8, random_state=0, n_threads=2)
    return SequenceTagger(**own | dict(learning_rate=0.02, characters="cnn") | parameters)


@pytest.fixture(scope="module")
def model():
    return small().fit(*TRAIN)


def test_new_words_are_known_by_their_endings_and_capitals(model):
    assert not {word.lower() for row in TEST[0] for word in row} & set(model.vocabulary_.tokens)
    assert small(characters="lstm").fit(*TRAIN).score(*TEST) > 0.95
    assert model.score(*TEST) > 0.95
    assert small(characters=None).fit(*TRAIN).score(*TEST) < 0.5


@pytest.mark.parametrize("options", [{}, {"characters": "lstm"}, {"encoder": "tcn"}], ids=str)
def test_a_row_is_tagged_the_same_alone_and_beside_others(options):
    model = small(max_epochs=1, **options).fit(*TRAIN)
    X = [*TEST[0][:20], ["\U0001f600", "Žižek", ""], []]
    together = model.predict_proba(X)
    beside = model.predict_proba([*X, ["Antidisestablishmentarianism"] * 50])
    for row, expected in enumerate(together):
        alone = model.predict_proba([X[row]])[0]
        assert len(expected) == len(X[row])
        for found in (alone, beside[row]):
            assert np.abs(found - expected).max(initial=0) < rounding(1)


def test_words_are_looked_up_in_lower_case_and_spelled_as_they_stand(model):
    assert model.lowercase == "auto" and model.fitted_parameters_["lowercase"] is True
    assert all(word == word.lower() for word in model.vocabulary_.tokens)
    lower = [[word.lower() for word in row] for row in TEST[0]]
    upper = [[word.capitalize() for word in row] for row in lower]
    assert np.mean(np.concatenate(model.predict(upper)) == "NAME") > 0.95
    assert np.mean(np.concatenate(model.predict(lower)) == "NAME") < 0.05
    assert small(characters=None).fit(*TRAIN).fitted_parameters_["lowercase"] is False
    cased = small(lowercase=False, max_epochs=1).fit(*TRAIN)
    assert any(word != word.lower() for word in cased.vocabulary_.tokens)


def test_accents_may_be_written_apart():
    rows, tags = [["josé", "ação"], ["é", "café"]] * 20, [["A", "B"], ["B", "A"]] * 20
    model = small().fit(rows, tags)
    apart = [[unicodedata.normalize("NFD", word) for word in row] for row in rows[:2]]
    for one, other in zip(model.predict_proba(rows[:2]), model.predict_proba(apart), strict=True):
        assert np.abs(one - other).max() < rounding(1)


def test_it_survives_its_file_and_repeats(model, tmp_path):
    path = model.save(tmp_path / "m.textseq")
    opened = load_model(path)
    assert opened.encoding_.characters == model.encoding_.characters
    for one, other in zip(opened.predict_proba(TEST[0]), model.predict_proba(TEST[0]), strict=True):
        assert np.array_equal(one, other)
    assert path.read_bytes() == opened.save(tmp_path / "again.textseq").read_bytes()
    again = small().fit(*TRAIN)
    assert again.receipt_["weights_sha256"] == model.receipt_["weights_sha256"]


def test_a_file_with_characters_of_another_model_is_refused(tmp_path):
    model = small(max_epochs=1).fit(*TRAIN)
    object.__setattr__(model.encoding_, "characters", CharacterVocabulary("abc"))
    with pytest.raises(ModelFileError, match="differ in number"):
        load_model(model.save(tmp_path / "m.textseq"))


def test_auto_reads_the_characters_of_words_alone():
    def decided(rows, **parameters):
        model = small(characters="auto", max_epochs=1, validation_fraction=0.0, **parameters)
        model.prepare(rows, [["x", "y"] * (len(row) // 2) for row in rows])
        return model.fitted_parameters_["characters"]

    many = np.random.default_rng(0).permutation(1200).reshape(-1, 4)
    words = [[f"w{i}" for i in row] for row in many.tolist()]
    spelled = [["".join(chr(97 + int(d)) for d in str(i)) + "ed" for i in row] for row in many]
    assert decided(spelled) == "cnn"
    assert decided(spelled[:200]) is None  # of few words
    assert decided(many.tolist()) is decided(words) is None  # ids
    assert decided([[chr(0x4E00 + i) for i in row] for row in many.tolist()]) is None
    assert decided([np.random.default_rng(0).normal(size=(2, 2)) for _ in range(20)]) is None
    assert decided(spelled, recipe="plain") is None


def test_what_can_not_be_spelled_is_refused():
    series = [np.random.default_rng(0).normal(size=(2, 6)) for _ in range(20)]
    with pytest.raises(ValueError, match="characters are of words, but X holds frames; leave"):
        small().fit(series, [["x", "y"] * 3] * 20)
    source = LanguageModel("word", max_epochs=1)
    source.fit([" ".join(row) for row in TRAIN[0]])
    with pytest.raises(ValueError, match="characters='cnn' are read .* leave one of the two out"):
        SequenceTagger(characters="cnn", pretrained=source).fit(*TRAIN)
    with pytest.raises(ValueError, match=r"unknown characters 'bpe'"):
        small(characters="bpe").fit(*TRAIN)
