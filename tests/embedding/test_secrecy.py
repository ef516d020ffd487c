"""The service's key stands in no file, message, log record, repr, pickle or receipt."""

import base64
import copy
import json
import logging
import pickle
import traceback

import joblib
import pytest
from embedding_server import KEY
from sklearn import set_config
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from textseq import ApiEmbedder, TextClassifier, compare

FORMS = [KEY, base64.b64encode(KEY.encode()).decode().rstrip("=")[:40], KEY[:20]]
TEXTS = [f"{word} film {number}" for number in range(20) for word in ("good", "bad")]
LABELS = ["pos", "neg"] * 20
FAULTS = [
    "status 401 echo=1",
    "status 400 echo=1",
    "status 429 echo=1",
    "status 500 echo=1",
    "reset",
    "truncated",
    "no json",
    "fewer",
    "slow",
    "wide",
    "error as answer",
]


class Everything(logging.Handler):
    """Keeps all that each record could be written with."""

    def __init__(self):
        super().__init__(logging.NOTSET)
        self.written = []

    def emit(self, record):
        shown = {name: repr(value) for name, value in vars(record).items()}
        self.written.append(f"{record.getMessage()} {shown} {record.exc_text}")


@pytest.fixture
def log():
    """Everything that any logger takes, at its lowest level."""
    handler, root = Everything(), logging.getLogger()
    names = ["openai", "openai._base_client", "httpx2", "httpcore2", "httpcore", "httpx"]
    loggers = [root, *map(logging.getLogger, names)]
    levels = [logger.level for logger in loggers]
    root.addHandler(handler)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    yield handler.written
    root.removeHandler(handler)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.fixture(params=["given", "in the environment"])
def embedder(request, server, quick, monkeypatch):
    given = {}
    if request.param == "given":
        given["api_key"] = KEY
    else:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
    return ApiEmbedder("m", base_url=server.url, retry_seconds=0.05, timeout=2.0, **given)


def are_without_key(shown):
    text = shown.decode("latin-1") if isinstance(shown, bytes) else str(shown)
    return not any(form in text for form in FORMS)


def shown_by(embedder):
    """Return all forms that an embedder takes on a screen, in a file or on its way elsewhere."""
    pipeline = make_pipeline(embedder)
    yield from (repr(embedder), str(embedder), embedder._repr_html_(), repr(vars(embedder)))
    yield from (repr(pipeline), pipeline._repr_html_(), repr(clone(embedder)))
    yield from (repr(embedder.get_params()), repr(pipeline.get_params()))
    yield json.dumps(embedder.get_params(), default=repr)
    with_defaults = clone(embedder)
    set_config(print_changed_only=False)
    yield from (repr(with_defaults), repr(make_pipeline(with_defaults)))
    set_config(print_changed_only=True)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        yield pickle.dumps(embedder, protocol)
        yield pickle.dumps(copy.deepcopy(pipeline), protocol)
    if hasattr(embedder, "receipt_"):
        yield json.dumps(embedder.receipt_)


def files_below(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("fault", [None, *FAULTS])
def test_it_is_nowhere(server, embedder, log, tmp_path, capfd, fault):
    server.faults = [] if fault is None else [fault] * 50
    if fault == "wide":
        embedder.set_params(dimensions=8)
    shown = [*shown_by(embedder), embedder.estimate(TEXTS)]
    try:
        embedder.transform(TEXTS)
    except (ValueError, ConnectionError) as error:
        assert fault is not None
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
        shown += [str(error), repr(error), "".join(told.format()), pickle.dumps(error)]
        # Nothing of the client's, whose exceptions have the request with its header.
        assert error.__cause__ is None is error.__context__
    else:
        assert fault is None
    shown += [*shown_by(embedder), *log, *capfd.readouterr()]
    joblib.dump(embedder, tmp_path / "embedder.joblib")
    assert server.keys and set(server.keys) == {f"Bearer {KEY}"}
    assert len(log) > 5
    for one in shown:
        assert are_without_key(one)
    files = files_below(tmp_path)
    assert len(files) >= 2
    assert [path for path, content in files.items() if not are_without_key(content)] == []


def test_a_comparison_and_its_page_do_not_have_it(server, embedder, log, tmp_path):
    estimator = TextClassifier(max_epochs=1, hidden_size=4)
    rows = ["mean", {"service": embedder}]
    comparison = compare(TEXTS, LABELS, rows, estimator=estimator, n_seeds=1)
    comparison.to_html(tmp_path / "page.html")
    comparison.to_json(tmp_path / "table.json")
    server.faults = ["status 401 echo=1"]
    with pytest.raises(ValueError, match="'service' could not be fitted: .* 401") as caught:
        compare([f"new {text}" for text in TEXTS], LABELS, rows, estimator=estimator, n_seeds=1)
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    for one in (str(comparison), repr(comparison), *log, str(caught.value), *told.format()):
        assert are_without_key(one)
    files = files_below(tmp_path)
    assert {"page.html", "table.json"} < {path.name for path in files}
    assert all(map(are_without_key, files.values()))
    assert f"Bearer {KEY}" in server.keys


@pytest.mark.parametrize("fault", [None, "status 401 echo=1"])
def test_the_shell_does_not_print_it(server, textseq, tmp_path, fault):
    server.faults = [] if fault is None else [fault]
    rows = "\n".join(f"{text},{label}" for text, label in zip(TEXTS, LABELS, strict=True))
    (tmp_path / "reviews.csv").write_text(f"text,label\n{rows}\n")
    done = textseq(
        "--debug compare reviews.csv --encoders api:m --seeds 1 --out page.html",
        OPENAI_API_KEY=KEY,
        OPENAI_BASE_URL=server.url,
        OPENAI_LOG="debug",
    )
    assert (done.returncode == 0) == (fault is None), done.stderr
    assert set(server.keys) == {f"Bearer {KEY}"}
    assert b"openai._base_client" in done.stderr  # the client's log
    assert (b"api:m" in done.stdout) == (fault is None)
    assert (b"Traceback" in done.stderr) == (fault is not None)
    assert are_without_key(done.stdout) and are_without_key(done.stderr)
    assert all(map(are_without_key, files_below(tmp_path).values()))


def test_what_is_looked_for_would_be_found(tmp_path):
    (tmp_path / "file").write_bytes(b"x" + KEY.encode())
    assert not all(map(are_without_key, files_below(tmp_path).values()))
    assert not are_without_key(repr({"authorization": f"Bearer {KEY}"}))
    assert not are_without_key(base64.b64encode(KEY.encode()))
