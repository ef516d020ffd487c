"""What trains in the lab: tasks, first values, gradients, optimisers, eigenvalues."""

import numpy as np
import pytest
import torch
from scipy.optimize import linear_sum_assignment

from textseq.playground.scripts import joined, source_hash
from textseq.playground.sentences import sentences_form

NAMES = (
    "eigenvalues", "Matrix", "Tape", "Trainer", "TASKS", "sentimentTask", "OPTIMIZERS",
    "clipGradients", "recurrentMatrix", "seededRandom", "LESSONS", "failingSettings", "DEFAULTS",
)  # fmt: skip
LEARN = """
globalThis.learn = (settings, most) => {
  const trainer = new Trainer(TASKS[settings.task], { ...settings });
  let mean = trainer.task.guessing;
  for (let step = 1; step <= most; step++) {
    const { loss, failed } = trainer.step();
    mean += 0.1 * (loss - mean);
    if (failed) return { broken: step };
    if (mean < trainer.task.goal) return { learnt: step };
  }
  return { loss: mean };
};
globalThis.listed = (numbers) => Array.from(numbers);
"""


@pytest.fixture(scope="module")
def ask(browser, tmp_path_factory):
    """Answers of a function body that sees the lab's modules."""
    script = joined("lab/main.js", f"Object.assign(globalThis, {{ {', '.join(NAMES)} }});\n{LEARN}")
    # The page's parts are not wanted here, only what they are made of.
    script = script.replace("else openLab();", "")
    page = tmp_path_factory.mktemp("lab") / "modules.html"
    page.write_text(
        '<!doctype html><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="script-src {source_hash(script)}">'
        f"<script>{script}</script>",
        encoding="utf-8",
    )
    browser.get(page.as_uri())
    return browser.execute_script


def matrices():
    rng = np.random.default_rng(0)
    drawn = [rng.normal(size=(n, n)) / np.sqrt(n) for n in (1, 2, 3, 8, 32, 64)]
    orthogonal = np.linalg.qr(rng.normal(size=(32, 32)))[0]
    odd = [np.eye(5), np.zeros((4, 4)), [[0, 1], [-1, 0]], np.roll(np.eye(6), 1, 0), orthogonal]
    return [np.asarray(matrix, dtype=float) for matrix in drawn + odd]


def test_eigenvalues_are_numpys(ask):
    code = "return arguments[0].map((m) => eigenvalues(Matrix.of(m)).map(({re, im}) => [re, im]));"
    found = ask(code, [matrix.tolist() for matrix in matrices()])
    for matrix, pairs in zip(matrices(), found, strict=True):
        values = np.array(pairs) @ [1, 1j]
        distance = np.abs(values[:, None] - np.linalg.eigvals(matrix))
        assert distance[linear_sum_assignment(distance)].max() < 1e-12
        assert np.all(np.diff(np.abs(values)) <= 1e-12)


def test_first_values_are_what_their_names_say(ask):
    code = "return listed(recurrentMatrix(arguments[0], 32, seededRandom(3)).data);"
    made = {
        name: np.reshape(ask(code, name), (32, 32))
        for name in ("uniform", "orthogonal", "identity", "large")
    }
    assert np.abs(made["uniform"]).max() < 32**-0.5
    assert np.abs(made["uniform"]).max() > 0.95 * 32**-0.5
    np.testing.assert_allclose(made["orthogonal"] @ made["orthogonal"].T, np.eye(32), atol=1e-12)
    np.testing.assert_array_equal(made["identity"], np.eye(32))
    assert np.abs(np.linalg.eigvals(made["large"])).max() > 2


def test_tasks_ask_what_they_say(ask):
    code = """
      const task = TASKS[arguments[0]];
      const batch = task.draw(seededRandom(1), 50, 12);
      return [batch.steps.map(listed), batch.targets.map(listed), task.answered(12)];
    """
    steps, targets, answered = ask(code, "first")
    assert targets == [steps[0]] and set(steps[0]) == {0, 1} and answered == [11]
    assert {word for row in steps[1:] for word in row} == set(range(2, 8))
    steps, targets, answered = ask(code, "echo")
    assert targets == steps[:8] and answered == list(range(4, 12))
    steps, targets, answered = ask(code, "parity")
    np.testing.assert_array_equal(targets, np.cumsum(steps, axis=0) % 2)
    assert answered == list(range(12))
    steps, targets, answered = ask(code, "order")
    falls = np.all(np.diff(steps, axis=0) < 0, axis=0)
    assert falls.tolist() == [bool(answer) for answer in targets[0]] and 0 < falls.sum() < 50
    steps, targets, answered = ask(code, "sine")
    np.testing.assert_allclose(targets[:-1], steps[5:])
    assert answered == list(range(4, 12))


def test_a_batch_of_sentences_has_one_length_and_its_own_classes(ask):
    form = sentences_form()
    classes = {(tuple(ids), target) for ids, target in form["training"]}
    code = """
      const task = sentimentTask(arguments[0]);
      const random = seededRandom(2);
      return Array.from({ length: 20 }, () => task.draw(random, 8, null));
    """
    for batch in ask(code, form):
        rows = zip(*batch["steps"], strict=True)
        assert {(ids, t) for ids, t in zip(rows, batch["targets"][0], strict=True)} <= classes
    assert not classes & {(tuple(ids), target) for ids, target in form["validation"]}


NETWORKS = [
    {"cell": "mean"},
    {"cell": "rnn", "activation": "relu", "initialization": "identity"},
    {"cell": "lstm", "forgetBias": 3},
    {"cell": "gru", "layers": 2, "connections": "residual"},
    {"cell": "janet", "normalization": "layer"},
    {"cell": "rnn", "layers": 2, "connections": "dense", "task": "sine"},
]


@pytest.mark.parametrize("network", NETWORKS, ids=str)
def test_gradients_are_those_of_finite_differences(ask, network):
    code = """
      const settings = { ...DEFAULTS, length: 6, learningRate: 0, ...arguments[0] };
      const trained = new Trainer(TASKS[settings.task], settings);
      trained.step();
      const lossWith = (number, place, by) => {
        const other = new Trainer(TASKS[settings.task], settings);
        other.network.parameters[number].data[place] += by;
        return other.step().loss;
      };
      return trained.network.parameters.flatMap(({ data, grad }, number) =>
        [0, data.length - 1].map((place) =>
          [grad[place], (lossWith(number, place, 1e-5) - lossWith(number, place, -1e-5)) / 2e-5]));
    """
    found = np.array(ask(code, network))
    np.testing.assert_allclose(found[:, 0], found[:, 1], rtol=1e-5, atol=1e-9)
    assert np.abs(found[:, 0]).max() > 1e-4


def test_a_truncated_gradient_goes_back_so_far_and_the_answer_stays(ask):
    code = """
      return [0, 3].map((truncation) => {
        const trainer = new Trainer(TASKS.first, { ...DEFAULTS, truncation });
        const { loss } = trainer.step();
        return [loss, trainer.gradientFlow()[0], trainer.spectrum().length];
      });
    """
    (loss, flow, _), (other_loss, other_flow, _) = ask(code)
    assert other_loss == pytest.approx(loss, abs=1e-12)
    assert other_flow[:7] == [None] * 7
    np.testing.assert_allclose(other_flow[7:], flow[7:])
    assert all(length > 0 for length in flow)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("sgd", lambda weights: torch.optim.SGD([weights], lr=0.1)),
        ("adam", lambda weights: torch.optim.Adam([weights], lr=0.1)),
    ],
)
def test_optimizers_are_torchs(ask, name, make):
    start, gradients = [1.0, -2.0, 0.5], [[0.3, -1, 2], [0, 0.5, -4], [1e-3, 0.2, 0.1]]
    code = """
      const weights = Matrix.of([arguments[1]]);
      const update = OPTIMIZERS[arguments[0]]([weights]);
      for (const gradient of arguments[2]) {
        weights.gradient().set(gradient);
        update(0.1);
      }
      return listed(weights.data);
    """
    weights = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = make(weights)
    for gradient in gradients:
        weights.grad = torch.tensor(gradient, dtype=torch.float64)
        optimizer.step()
    np.testing.assert_allclose(ask(code, name, start, gradients), weights.tolist(), rtol=1e-12)


def test_clipping_keeps_the_direction_and_limits_the_length(ask):
    code = """
      const parts = [Matrix.of([[0, 0]]), Matrix.of([[0]])];
      parts[0].gradient().set([3, 0]);
      parts[1].gradient().set([4]);
      return [clipGradients(parts, arguments[0]), ...parts[0].grad, ...parts[1].grad];
    """
    assert ask(code, 0) == [5, 3, 0, 4]
    assert ask(code, 10) == [5, 3, 0, 4]
    assert ask(code, 1) == pytest.approx([5, 0.6, 0, 0.8])


def test_the_same_seed_learns_the_same(ask):
    code = """
      return [1, 1, 2].map((seed) => {
        const trainer = new Trainer(TASKS.first, { ...DEFAULTS, seed });
        return Array.from({ length: 5 }, () => trainer.step().loss);
      });
    """
    one, again, other = ask(code)
    assert one == again != other


def test_the_average_never_tells_rising_from_falling(ask):
    code = "return learn({ ...DEFAULTS, task: 'order', cell: arguments[0] }, arguments[1]);"
    assert ask(code, "mean", 400)["loss"] > 0.6
    assert ask(code, "rnn", 100)["learnt"] < 60


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["reach", "switches", "forget", "exploding", "deep", "order", "truncation", "rate"],
)
def test_every_guided_step_fails_and_is_mended_with_ten_seeds(ask, browser, name):
    browser.set_script_timeout(600)
    code = """
      const lesson = LESSONS.find((one) => one.name === arguments[0]);
      const start = { ...failingSettings(lesson), seed: arguments[1] };
      return [learn(start, lesson.steps), learn({ ...start, ...lesson.mends }, 400)];
    """
    for seed in range(1, 11):
        failed, mended = ask(code, name, seed)
        assert "learnt" not in failed, (seed, failed)
        assert "learnt" in mended, (seed, mended)
    assert len(ask("return LESSONS.map(({ name }) => name);")) == 8
