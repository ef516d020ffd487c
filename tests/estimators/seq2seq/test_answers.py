"""What is asked of a fitted encoder-decoder, and what it says of what it left out."""

import pickle
import warnings

import numpy as np
import pytest
from rounding import rounding
from sklearn.model_selection import GridSearchCV

from textseq import Seq2Seq, load_model
from textseq.nn.token_decoder import END

NAMES = ["ana", "bob", "carl", "dora", "emil", "fritz", "gina", "hugo"]
GREETED = [f"my name is {name} ." for name in NAMES], [f"Hello {name}!" for name in NAMES]
NUMBERS = ["1", "2", "3", "1 2", "2 3", "3 1"], ["one", "two", "three", "one two", "two three",
                                                 "three one"]  # fmt: skip


def fitted(pairs, copies=12, **parameters):
    quick = dict(
        hidden_size=32, embedding_dim=32, max_epochs=30, n_threads=1, random_state=0,
        validation_fraction=0.0,
    )  # fmt: skip
    return Seq2Seq(**quick | parameters).fit(*(part * copies for part in pairs))


@pytest.fixture(scope="module")
def greeter():
    return fitted(GREETED)


@pytest.fixture(scope="module")
def speller():
    return fitted(NUMBERS, max_epochs=40)


def test_unknown_words_are_copied_marked_or_answered_as_others(greeter):
    sources = ["my name is zebulon .", "my name is ana ."]
    told = "words that training had not: 1, in 1 of 2 sources, such as 'zebulon'; unknown="
    with pytest.warns(UserWarning, match=f"{told}'copy' copies them"):
        assert greeter.predict(sources) == ["hello zebulon!", "hello ana!"]
    with pytest.warns(UserWarning, match=f"{told}'mark' says <unk>"):
        assert greeter.predict(sources, unknown="mark") == ["hello <unk>!", "hello ana!"]
    with pytest.warns(UserWarning, match=f"{told}'never' answers as if"):
        said = greeter.predict(sources, unknown="never")
    assert said[0] in [text.lower() for text in GREETED[1]] and said[1] == "hello ana!"
    with pytest.raises(ValueError, match="'coppy'; did you mean 'copy'"):
        greeter.predict(sources, unknown="coppy")


def test_unknown_words_are_found_alone_and_in_a_batch_and_by_a_model_of_the_file(greeter, tmp_path):
    names = ["zebulon", "ana", "xerxes", "yolanda", "hugo"]
    sources = [f"my name is {name} ." for name in names]
    opened = load_model(greeter.save(tmp_path / "g.textseq"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        together = greeter.predict(sources)
        assert together == [f"hello {name}!" for name in names]
        assert together == [greeter.predict([one])[0] for one in sources] == opened.predict(sources)
        assert [row[0].answer for row in greeter.predict(sources, n_best=2)] == together


@pytest.mark.parametrize(
    "parameters", [{"attention": "dot"}, {"encoder": "mean", "max_epochs": 90}]
)
def test_words_are_copied_by_other_models_too(parameters):
    model = fitted(GREETED, **parameters)
    with pytest.warns(UserWarning, match="such as 'zebulon'"):
        assert model.predict(["my name is zebulon ."]) == ["hello zebulon!"]


def test_rare_words_of_targets_are_copied_from_where_attention_looks():
    rare = [f"n{number}" for number in range(40)]
    sources = [f"my name is {name} ." for name in [*NAMES * 5, *rare]]
    targets = [f"Hello {name}!" for name in [*NAMES * 5, *rare]]
    model = fitted((sources, targets), copies=1, min_df=2, max_epochs=60)
    assert model.encoding_.unknown_targets == "rare"
    with pytest.warns(UserWarning, match="such as 'zebulon'"):
        assert model.predict(["my name is zebulon ."]) == ["hello zebulon!"]
    with pytest.warns(UserWarning, match="such as 'zebulon'"):
        assert model.predict(["my name is zebulon ."], unknown="mark") == ["hello <unk>!"]


@pytest.mark.parametrize("mark", ["<bos>", "<eos>", "<pad>", "<unk>"])
def test_marks_of_the_users_own_come_back(mark):
    sources = [[mark, *word] for word in ("abc", "bc", "ca", "cab")]
    targets = [[mark, *map(str.upper, row[1:]), mark] for row in sources]
    model = fitted((sources, targets), copies=15)
    with warnings.catch_warnings():
        # <unk> among the sources is what is unknown.
        warnings.simplefilter("ignore" if mark == "<unk>" else "error")
        assert model.predict(sources) == targets


def test_answers_grow_with_their_sources(tmp_path):
    rng = np.random.default_rng(0)
    words = [list(rng.choice(list("ab"), size=rng.integers(3, 9))) for _ in range(100)]
    model = fitted((words, words), copies=1, max_epochs=1)
    long = [["a"] * 20]
    model.network_.decoder.bias[END] = -1000  # it would never end
    with pytest.warns(UserWarning, match=r"^1 answers end where they would .* \(pass max_new_tok"):
        assert len(model.predict(long)[0]) == 40
    with pytest.warns(UserWarning, match="1 answers end where .* \\(max_new_tokens\\)"):
        assert len(model.predict(long, max_new_tokens=50)[0]) == 50
    with pytest.warns(UserWarning, match="1 answers end"):
        assert len(model.predict([["a"]])[0]) == model.encoding_.longest == 8
    stored = model.encoding_.to_dict()
    for name in ("tokens_per_step", "spacing", "unknown_targets"):
        del stored[name]  # as older files
    model.encoding_ = type(model.encoding_).from_dict(stored)
    with pytest.warns(UserWarning, match="1 answers end"):
        assert len(model.predict(long)[0]) == 8
    with pytest.raises(ValueError, match="max_new_tokens must be a whole number of at least 1"):
        model.predict(long, max_new_tokens=0)


def test_all_that_is_cut_is_counted_in_one_warning():
    texts = ["a b c d e f", "f e d c b a", "a b"]
    told = "2 of 3 sources are read up to their first 3 tokens .*; 2 of 3 targets are read up to"
    with pytest.warns(UserWarning, match=told) as caught:
        model = fitted((texts, texts), copies=1, max_length=3)
    assert len(caught) == 1
    with pytest.warns(UserWarning, match="1 of 2 sources are read up to their first 3 tokens"):
        model.predict(["a b c d", "a b"], max_new_tokens=9)
    with pytest.warns(
        UserWarning, match="^1 of 1 sources are read up to their first 3 tokens [^;]*$"
    ):
        model.score_samples(["a b c d"], ["a b c d"])


def test_the_whole_target_is_scored_also_where_targets_were_cut():
    texts = ["a b c d e f", "f e d c b a", "a c e b d f"]
    with pytest.warns(UserWarning, match="max_length"):
        model = fitted((texts, texts), copies=20, max_length=3)
    with pytest.warns(UserWarning, match="sources are read up to"):
        scores = model.score_samples([texts[0]] * 4, ["a b c", "a b c d", "a b c d e", texts[0]])
    assert (np.diff(scores) < -1).all()


def test_several_answers_have_the_scores_of_their_targets(greeter):
    sources = [*GREETED[0][:3], ""]
    answers = greeter.predict(sources, n_best=3)
    best = greeter.predict(sources)
    assert [row[0].answer for row in answers] == best
    for source, row in zip(sources[:3], answers, strict=False):
        assert len({answer for answer, _ in row}) == len(row) == 3
        scores = [score for _, score in row]
        found = greeter.score_samples([source] * 3, [answer for answer, _ in row])
        assert np.abs(found - scores).max() < rounding(found, [len(NAMES)])
    assert answers[3] == [("", 0.0)]
    with pytest.raises(ValueError, match="n_best must be a whole number"):
        greeter.predict(sources, n_best=0)


def test_answers_are_drawn_alike_by_the_same_random_state(greeter):
    def drawn(sources, seed, **options):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return greeter.predict(
                sources, temperature=3.0, random_state=seed, max_new_tokens=5, **options
            )

    sources = GREETED[0]
    assert drawn(sources, 1) == drawn(sources, 1) != drawn(sources, 2)
    assert drawn(sources[:2], 1) == drawn(sources, 1)[:2]
    several = drawn(sources[:1], 1, n_best=4)[0]
    assert len({answer for answer, _ in several}) == 4
    known = [(answer, score) for answer, score in several if len(answer.split()) == 2]
    assert greeter.predict(sources, temperature=0) == greeter.predict(sources, beam_size=1)
    assert greeter.predict(sources, top_k=1) == greeter.predict(sources, beam_size=1)
    for answer, score in known:
        found = greeter.score_samples(sources[:1], [answer])[0]
        assert found == pytest.approx(score, abs=rounding(score, [len(NAMES)]))
    with pytest.raises(ValueError, match="beam_size=3 searches, and temperature and top_k draw"):
        greeter.predict(sources, 3, temperature=1.0)
    with pytest.raises(ValueError, match="temperature must be a number at least 0"):
        greeter.predict(sources, temperature=-1)
    with pytest.raises(ValueError, match="top_k must be a whole number"):
        greeter.predict(sources, top_k=0)


def test_all_scores_of_right_answers(speller):
    numbers, words = NUMBERS
    found = speller.evaluate(numbers, words)
    assert list(found) == [
        "exact_match", "character_error_rate", "bleu", "chrf", "bleu_signature", "chrf_signature",
    ]  # fmt: skip
    assert (found["exact_match"], found["character_error_rate"]) == (1.0, 0.0)
    assert found["bleu"] == speller.bleu(numbers, words).score == pytest.approx(100)
    assert found["chrf"] == speller.chrf(numbers, words).score == pytest.approx(100)
    assert speller.exact_match(numbers, words) == 1
    assert speller.character_error_rate(numbers, words) == 0
    assert "tok:char" in speller.bleu(numbers, words, tokenize="char").signature
    wrong = [*words[:3], *["four five"] * 3]
    assert speller.evaluate(numbers, wrong)["exact_match"] == 0.5


def test_a_score_is_the_one_that_is_chosen(speller):
    numbers, words = NUMBERS
    assert speller.score(numbers, words) == speller.bleu(numbers, words).score
    wrong = [*words[:3], *["four five"] * 3]
    for scoring in ("exact_match", "exact", "accuracy"):
        assert speller.score(numbers, wrong, scoring=scoring) == 0.5
    rate = speller.character_error_rate(numbers, wrong)
    assert rate > 0 and speller.score(numbers, wrong, scoring="character_error_rate") == -rate
    chosen = load_model_with(speller, scoring="chrf")
    assert chosen.score(numbers, wrong) == speller.chrf(numbers, wrong).score


def load_model_with(model, **parameters):
    return pickle.loads(pickle.dumps(model)).set_params(**parameters)


def test_scikit_learn_chooses_by_these_scores():
    numbers, words = (part * 6 for part in NUMBERS)
    model = Seq2Seq(
        hidden_size=24, embedding_dim=24, max_epochs=25, n_threads=1, random_state=0,
        validation_fraction=0.0,
    )  # fmt: skip
    grid = {"learning_rate": [1e-6, 2e-2]}
    for scoring in (None, Seq2Seq.exact_match, "accuracy"):
        with warnings.catch_warnings():
            # Of the one that learns nothing.
            warnings.simplefilter("ignore")
            search = GridSearchCV(
                model.set_params(scoring="exact"), grid, cv=2, scoring=scoring
            ).fit(numbers, words)
        assert search.best_params_ == {"learning_rate": 2e-2}
        assert search.best_score_ > 0.9


def test_answers_are_written_as_targets_were():
    texts = ["J’ai froid !", "L’eau, ici ?", "C’est « bon »."]
    numbers = ["1", "2", "3"]
    model = fitted((numbers, texts), copies=15, lowercase=False, max_epochs=40)
    assert model.predict(numbers) == texts
    assert model.bleu(numbers, texts).score == pytest.approx(100)
