import numpy as np
import pytest
import torch
from step_models import ROWS, TEXTS, frames, language_model, tagger, translator

from textseq import Captioner, SequenceTagger, Tokens
from textseq.inspection.step_reading import MOST_STEPS, read_row

LEARNED = dict(learning_rate=0.02, max_epochs=8, hidden_size=8)


@pytest.mark.parametrize(
    "options", [dict(head="crf"), dict(head="linear"), dict(characters="cnn")], ids=str
)
def test_tags_are_those_that_the_model_predicts(options):
    model = tagger(**LEARNED | options)
    for row in (ROWS[0], Tokens.from_lists(ROWS[:1])):
        found = read_row(model, row)
        assert [found.names[said] for said in found.said] == model.predict(ROWS[:1])[0]
        probabilities = model.predict_proba(ROWS[:1])[0]
        for place in range(len(ROWS[0])):
            log_p = found.log_p(found.vectors[None], place)[0]
            assert log_p.exp().numpy() == pytest.approx(probabilities[place], rel=1e-4)
        assert found.own_log_p() == pytest.approx(
            np.log(probabilities[np.arange(len(ROWS[0])), found.said]), rel=1e-4, abs=1e-5
        )


@pytest.mark.parametrize("encoder", ["gru", "tcn"])
def test_next_tokens_are_those_of_the_text_and_as_likely_as_the_model_says(encoder):
    model = language_model(encoder=encoder, **LEARNED)
    found = read_row(model, TEXTS[0])
    assert found.steps.tokens.to_lists()[0] == ["<eos>", *ROWS[0]]
    assert [found.names[said] for said in found.said] == [*ROWS[0], "<eos>"]
    assert found.own_log_p().sum() == pytest.approx(model.score_samples(TEXTS[0])[0], rel=1e-5)
    own = [
        found.log_p(found.vectors[None], place)[0, said] for place, said in enumerate(found.said)
    ]
    assert torch.stack(own).detach().numpy() == pytest.approx(found.own_log_p())


@pytest.mark.parametrize("attention", ["additive", "dot", None])
def test_a_translation_is_the_models_own_and_as_likely_as_it_says(attention):
    model = translator(attention=attention, **LEARNED)
    found = read_row(model, TEXTS[0])
    (answer,) = model.predict(TEXTS[:1])
    assert found.answer == answer
    score = model.score_samples(TEXTS[:1], [answer])[0]
    assert found.own_log_p().sum() == pytest.approx(score, rel=1e-5)
    so_far = found.answer_so_far()
    assert so_far[-1] == pytest.approx(np.exp(score / len(found.said)), rel=1e-5)
    alone = read_row(model, "a b").source
    assert so_far[1] == pytest.approx(
        np.exp(model.score_samples(["a b"], [answer])[0] / len(found.said)), rel=1e-5
    )
    assert alone.lengths.tolist() == [2]


def test_numbers_are_steps_of_their_channels():
    series, tags = frames()
    model = tagger(series, tags)
    found = read_row(model, series[0])
    assert len(found.steps) == series[0].shape[1]
    assert [found.names[said] for said in found.said] == model.predict(series[:1])[0]
    assert found.steps.words.one == "series"
    words = [" ".join(one) for one in tags]
    model = translator(series, words, source="series")
    found = read_row(model, series[0])
    assert found.states().shape == (series[0].shape[1], 2 * 3)
    assert found.steps.words.one == "source" and found.steps.words.step == "step"
    vectors = np.random.default_rng(0).normal(size=(20, 4))
    model = translator(vectors, words, source="vector")
    found = read_row(model, vectors[0])
    assert found.vectors.shape == (1, 4) and found.states().shape == (1, 4)


def test_what_is_no_row_is_refused():
    with pytest.raises(ValueError, match="not fitted"):
        read_row(SequenceTagger(), ROWS[0])
    with pytest.raises(ValueError, match="the row holds 2"):
        read_row(tagger(), Tokens.from_lists(ROWS[:2]))
    with pytest.raises(ValueError, match="the row has no steps"):
        read_row(tagger(), [])
    with pytest.raises(ValueError, match="the source has no steps"):
        read_row(translator(), " ")
    with pytest.raises(ValueError, match=r"text must be one string, got \['a'\]"):
        read_row(language_model(), ["a"])
    with pytest.raises(ValueError, match=f"the text has {MOST_STEPS + 1:,} steps"):
        read_row(language_model(), "a " * MOST_STEPS)


def test_what_a_model_does_not_know_or_see_is_told():
    found = read_row(tagger(), ["a", "zzz", "yyy"])
    assert "2 of 3 tokens are unknown to it" in found.steps.remarks()
    with pytest.warns(UserWarning, match="are read up to their first 3 tokens"):
        found = read_row(translator(max_length=3), TEXTS[0])
    assert "3 more tokens were not read: raise max_length=3" in found.steps.remarks()


def test_what_reads_no_steps_is_refused():
    images = np.random.default_rng(0).random((24, 4, 4))
    model = Captioner(hidden_size=4, max_epochs=1, n_threads=1).fit(images, ["a b"] * 24)
    with pytest.raises(ValueError, match=r"a Captioner reads images, and not step by step; its"):
        read_row(model, images[0])
