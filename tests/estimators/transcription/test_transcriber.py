import jiwer
import numpy as np
import pytest
from sklearn.base import clone

from textseq import (
    LanguageModel,
    Transcriber,
    gradient_flow,
    load_model,
    order_matters,
    saturation,
)

RATE = 8000
WORDS = {"low": 500, "mid": 1000, "high": 1800}
SMALL = {
    "hidden_size": 16, "num_layers": 1, "learning_rate": 0.01, "batch_size": 8, "masks": 0,
    "noise": False, "vocal_tract_perturbation": 0.05, "dropout": 0.0, "n_threads": 1,
    "random_state": 0,
}  # fmt: skip


def spoken(words, rng):
    """A tone a word, between pauses."""
    pieces = [np.zeros(rng.integers(300, 900))]
    for word in words:
        at = np.arange(rng.integers(1200, 1800)) / RATE
        pieces += [np.sin(2 * np.pi * WORDS[word] * at + rng.uniform(0, 6))]
        pieces += [np.zeros(rng.integers(300, 900))]
    wave = np.concatenate(pieces)
    return wave + 1e-3 * rng.normal(size=len(wave))


def rows(n_rows, longest, seed):
    rng = np.random.default_rng(seed)
    texts = [list(rng.choice(list(WORDS), rng.integers(1, longest + 1))) for _ in range(n_rows)]
    return [(spoken(words, rng), RATE) for words in texts], [" ".join(words) for words in texts]


@pytest.fixture(scope="module")
def data():
    return rows(120, 1, 0)


@pytest.fixture(scope="module")
def model(data):
    return Transcriber("word", join=3, max_epochs=35, **SMALL).fit(*data)


@pytest.fixture(scope="module")
def strings():
    return rows(30, 4, 1)


def test_single_words_teach_to_hear_strings_of_them(model, strings):
    assert model.error_rate(*strings) < 0.1
    assert model.score(*strings) == 1 - model.error_rate(*strings)
    assert model.symbols_ == ("high", "low", "mid")
    assert model.receipt_["score_name"] == "symbol accuracy"


def test_error_rates_are_those_of_jiwer(model, strings):
    waves, texts = strings
    # Of other texts, so that all kinds of errors are there.
    others = ["mid high " + text for text in texts[::-1]]
    found = model.predict(waves)
    assert model.error_rate(waves, others, unit="word") == pytest.approx(jiwer.wer(others, found))
    assert model.error_rate(waves, others, unit="char") == pytest.approx(jiwer.cer(others, found))
    assert model.error_rate(waves, others) == model.error_rate(waves, others, unit="word")


def test_all_scores_are_told_at_once(model, strings):
    waves, texts = strings
    others = [*texts[:10], *texts[:20]]
    found = model.evaluate(waves, others, beam_size=2)
    said = model.predict(waves, beam_size=2)
    assert found == {
        "exact_match": np.mean([one == other for one, other in zip(said, others, strict=True)]),
        "character_error_rate": model.error_rate(waves, others, "char", beam_size=2),
        "word_error_rate": model.error_rate(waves, others, "word", beam_size=2),
    }


def test_a_wave_says_the_same_alone_and_in_any_batch(model, strings):
    waves, _ = strings
    together = model.predict_times(waves)
    for row in range(0, 30, 5):
        (alone,) = model.predict_times(waves[row : row + 1])
        assert [one[:3] for one in alone] == [one[:3] for one in together[row]]
        assert [one.probability for one in alone] == pytest.approx(
            [one.probability for one in together[row]], abs=1e-5
        )
    assert model.predict([]) == []


def test_symbols_have_the_times_at_which_they_sound(model):
    rng = np.random.default_rng(5)
    first, second = spoken(["low"], rng), spoken(["high"], rng)
    (heard,) = model.predict_times([(np.concatenate([first, second]), RATE)])
    assert [one.symbol for one in heard] == ["low", "high"]
    border = len(first) / RATE
    assert 0 <= heard[0].start < heard[0].end <= border + 0.05
    assert border - 0.05 <= heard[1].start < heard[1].end <= (len(first) + len(second)) / RATE
    assert all(0.5 < one.probability <= 1 for one in heard)


def test_probabilities_of_each_step_sum_to_one(model, strings):
    waves, _ = strings
    found = model.predict_proba(waves[:3])
    for (wave, _), steps in zip(waves[:3], found, strict=True):
        n_frames = 1 + (len(wave) - 200) // 80
        assert steps.shape == (-(-n_frames // 4), 4)
        np.testing.assert_allclose(steps.sum(axis=1), 1)


def test_a_file_holds_all_of_it(model, strings, tmp_path):
    waves, _ = strings
    again = load_model(model.save(tmp_path / "tones.textseq"))
    assert again.predict_times(waves) == model.predict_times(waves)
    assert again.symbols_ == model.symbols_ and again.encoding_ == model.encoding_


def test_the_same_seed_gives_the_same_weights(data):
    few = [part[:40] for part in data]
    model = Transcriber("word", join=2, **{**SMALL, "noise": True, "masks": 1}, max_epochs=2)
    one, other = (clone(model).fit(*few).receipt_["weights_sha256"] for _ in range(2))
    assert one == other
    assert clone(model).set_params(random_state=1).fit(*few).receipt_["weights_sha256"] != one


def test_beams_and_a_language_model_have_their_say(model, strings):
    waves, texts = strings
    assert model.error_rate(waves, texts, beam_size=4) <= model.error_rate(waves, texts) + 0.02
    # After "low" comes "low", and nothing else: said strongly enough, it is heard.
    language = LanguageModel(
        "word", encoder="gru", hidden_size=8, embedding_dim=8, max_epochs=3, random_state=0
    ).fit(["low low low low low low high mid"] * 60)
    heard = model.predict(
        waves, beam_size=4, language_model=language, language_weight=30.0, symbol_bonus=20.0
    )
    assert heard != model.predict(waves, beam_size=4)
    with pytest.raises(ValueError, match="beam_size=1 has one"):
        model.predict(waves, language_model=language)
    strange = LanguageModel(
        "word", encoder="gru", hidden_size=4, embedding_dim=4, max_epochs=1, random_state=0
    ).fit(["other words"] * 60)
    with pytest.raises(ValueError, match="no token for 'high'"):
        model.predict(waves, beam_size=4, language_model=strange)


def test_characters_and_listed_symbols_are_said_as_they_came(data):
    waves, texts = data
    quick = {**SMALL, "max_epochs": 1, "stride": 2}
    letters = Transcriber("char", **quick).fit(waves, texts)
    assert letters.symbols_ == tuple("dghilmow")
    assert all(isinstance(text, str) for text in letters.predict(waves[:2]))
    assert letters.error_rate(waves[:4], texts[:4], unit="word") >= 0
    phones = [list(text) for text in texts]
    listed = Transcriber("char", **quick).fit(waves, phones)
    assert all(isinstance(row, list) for row in listed.predict(waves[:2]))
    with pytest.raises(ValueError, match="unit='symbol'"):
        listed.error_rate(waves[:4], phones[:4], unit="word")
    with pytest.raises(ValueError, match="fitted to strings"):
        letters.error_rate(waves[:4], phones[:4])


def test_groups_are_joined_among_themselves(data):
    waves, texts = [part[:40] for part in data]
    speakers = np.array(["a", "b"])[[len(text) % 2 for text in texts]]
    model = Transcriber("word", join=4, validation_fraction=0.0, **SMALL)
    prepared = model.prepare(waves, texts, groups=speakers)
    drawn = prepared.rows.drawn(np.random.default_rng(0), 0.0)
    assert drawn.symbols.n_values == 40 and 10 <= len(drawn) < 40
    for row in range(len(drawn)):
        words = model.encoding_.read(drawn.symbols[row])
        assert len({len(word) % 2 for word in words}) == 1


def test_validation_data_choose_the_epoch(data):
    waves, texts = [part[:40] for part in data]
    model = Transcriber("word", max_epochs=2, **SMALL)
    model.fit(waves, texts, validation_data=(waves[:5], texts[:5]))
    assert model.receipt_["validation_rows"] == 5 and model.receipt_["rows"] == 40
    with pytest.raises(ValueError, match=r"validation y\[0\] holds 'none'"):
        model.fit(waves, texts, validation_data=(waves[:1], ["none"]))


@pytest.mark.parametrize(
    "change, y, message",
    [
        ({}, ["low"] * 9, "X has 10 waves, but y has 9 texts"),
        ({}, [""] * 10, "no symbol to learn"),
        ({}, [3] * 10, r"y\[0\] is 3; pass a string"),
        ({}, ["low", ["low"]] + ["low"] * 8, "strings and lists"),
        ({}, "low", "pass a list of texts"),
        ({"stride": 40}, ["low low low"] * 10, r"need 5 steps, and its wave has"),
        ({"encoder": "mean"}, ["low"] * 10, "one vector of a whole wave"),
        ({"hop": 0.05}, ["low"] * 10, "make it shorter"),
        ({"symbol": "phone"}, ["low"] * 10, "unknown symbol"),
        ({"join": 0}, ["low"] * 10, "join must be"),
    ],
)
def test_what_can_not_be_learned_is_refused_before_training(data, change, y, message):
    waves = data[0][:10]
    with pytest.raises(ValueError, match=message):
        Transcriber(**{"symbol": "word"} | SMALL | change).fit(waves, y)


def test_instruments_of_whole_networks_look_at_it(model, strings):
    waves, texts = strings
    assert gradient_flow(model, waves[:8], texts[:8]).table["layer"].nunique() == 1
    assert saturation(model, waves[:8]).table["saturated"].between(0, 1).all()
    with pytest.raises(ValueError, match="said in the order of its steps"):
        order_matters(model, waves, texts)
