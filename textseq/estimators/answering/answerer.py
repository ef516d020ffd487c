"""Questions about passages, answered by a part of the passage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple, Self

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted

from textseq.batches import NetworkRows
from textseq.checks import check_count
from textseq.estimators.answering.answerer_parameters import AnswererParameters
from textseq.estimators.answering.attention import QuestionAttention
from textseq.estimators.answering.recipe import AnswerFacts, recipe
from textseq.estimators.answering.rows import (
    AnsweringRows,
    cut_sentences,
    joined_rows,
    matches,
)
from textseq.estimators.answering.scores import exact_match, word_f1
from textseq.estimators.answering.spans import Answer, PassageTexts, read_answers
from textseq.estimators.auto import decide
from textseq.estimators.base import Prepared, TrainedEstimator
from textseq.estimators.build import draw_seed
from textseq.estimators.checkpoint import Checkpoint
from textseq.estimators.declared import declared
from textseq.estimators.distributed import Distributed, has_workers, kept_and_shared
from textseq.estimators.encoding.embedding_table import (
    fill_embeddings,
    read_word_vectors,
    table_rate,
)
from textseq.estimators.encoding.text import TextEncoding, fit_tokenizer
from textseq.estimators.encoding.text_rows import TextRows
from textseq.files import ModelFileError, StrPath
from textseq.labels.validation_split import split_rows
from textseq.message_language import number_of
from textseq.nn.answering import N_HEADS, AnsweringNetwork
from textseq.nn.bags import BAGS
from textseq.nn.trainable import Inputs
from textseq.ragged import Ragged
from textseq.text.inputs import field_names
from textseq.text.tokenizer import Tokenizer
from textseq.text.tokens import Tokens
from textseq.text.vocabulary import Vocabulary
from textseq.training.devices import computing
from textseq.training.objectives import TAGGING, Objective
from textseq.training.outputs import by_batch
from textseq.training.threads import thread_count

# Of a passage's spans, by their probabilities, those that are looked at for answers.
LIKELIEST = 1_000
# As TAGGING: the network's outputs are each row's loss, and whether its best span is right.
ANSWERING = replace(TAGGING, score_name="exact match")


class FoundAnswer(NamedTuple):
    """An answer, where its likeliest span starts and ends in the passage, and how likely it is."""

    text: str
    start: int
    end: int
    probability: float


@declared
class QuestionAnswerer(AnswererParameters, TrainedEstimator):
    """Answer questions by a part of a passage.

    Question and passage are read by one encoder; the passage's words attend to the question's,
    and its sentences are read again and again given the question, so that an answer may follow
    from several of them. What is learned is the probability of every span. A parameter of
    ``"auto"`` is decided from the data at ``fit``; ``fitted_parameters_`` tells what was decided.

    {parameters}

    Attributes
    ----------
    tokenizer_ : Tokenizer
    vocabulary_ : Vocabulary
    fitted_parameters_, history_, receipt_, interrupted_
        As in ``TextClassifier``.

    References
    ----------
    Seo et al. (2017), "Bidirectional Attention Flow for Machine Comprehension"; Xiong, Merity &
    Socher (2016), "Dynamic Memory Networks for Visual and Textual Question Answering"; the loss:
    Clark & Gardner (2018), "Simple and Effective Multi-Paragraph Reading Comprehension".

    Examples
    --------
    >>> people = ["Ana", "Bob", "Eva"]
    >>> pairs = [(f"Where is {one}?", f"{one} is in Rome. {two} is in Oslo.")
    ...          for one in people for two in people if one != two] * 8
    >>> model = QuestionAnswerer(max_epochs=10, random_state=0).fit(pairs, ["Rome"] * len(pairs))
    >>> model.predict([("Where is Eva?", "Bob is in Oslo. Eva is in Rome.")])
    ['Rome']
    """

    network_kind = AnsweringNetwork
    reads = "questions"

    @kept_and_shared
    def fit(
        self,
        X: Any,
        y: Any,
        validation_data: tuple[Any, Any] | None = None,
        *,
        checkpoint: StrPath | Checkpoint | None = None,
        distributed: Distributed | None = None,
    ) -> Self:
        """Fit to questions, passages and answers.

        Parameters
        ----------
        X : list of n pairs, array of shape (n, 2), or frame of two columns
            The question and the passage of each row.
        y : list, column or array of n answers
            A string that stands in the passage: all of its occurrences count as right. Or, where
            one occurrence is meant, the characters (start, end) of it: ``passage[start:end]``.
        validation_data : tuple of (X, y), optional
            Chooses the best epoch, instead of ``validation_fraction`` of the rows.
        {sharing}

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If rows, answers or parameters are not usable; the message says what to do.
        """
        if has_workers(distributed):
            return distributed.fit(self, X, y, validation_data, checkpoint=checkpoint)
        with self.fitting(checkpoint, distributed):
            self._train(self.prepare(X, y, validation_data))
        return self

    def prepare(
        self, X: Any, y: Any = None, validation_data: tuple[Any, Any] | None = None
    ) -> Prepared:
        """Check, decide on "auto", learn the encoding and build the network: all but training.

        Parameters
        ----------
        X, y, validation_data
            As ``fit`` takes them.
        """
        parameters = self._given()
        encoder, bidirectional = self._resolved(parameters)
        given = _pairs(TextRows.read(X))
        answers = read_answers(y, len(given))
        vectors = read_word_vectors(self.vectors, "a model that answers questions")
        how = bool(self.lowercase), (1, 1), None, self.max_features
        tokenizer = fit_tokenizer(self.tokenizer, given.fields, *how)
        asked, told = (tokenizer.tokenize(field) for field in given.texts)
        found = PassageTexts(given.texts[1], told, tokenizer).find(answers)
        seed = self._seed()
        rng = np.random.default_rng(seed)
        fraction = 0.0 if validation_data is not None else float(self.validation_fraction)
        rows, held_out = split_rows(np.zeros((len(given), 1)), fraction, rng)
        learned = (asked.take(rows), told.take(rows))
        options: dict[str, Any] = {"min_df": self.min_df, "max_features": self.max_features}
        encoding = TextEncoding.learn(learned, tokenizer, vectors, **options)
        self.encoding_ = replace(encoding, columns=field_names(given.fields))
        spans = joined_rows(found)
        longest = 1 + int((spans.values[:, 1] - spans.values[:, 0]).max())
        chosen = decide(parameters, recipe(encoder, AnswerFacts(len(rows), longest)))
        self.fitted_parameters_ = chosen
        self._check_lengths(spans, "y")
        everything = self._encoded(asked, told, spans)
        data, validation = everything.take(rows), None
        if validation_data is not None:
            validation = self._answered(*validation_data, "the validation ")
        elif len(held_out):
            validation = everything.take(held_out)
        self._build_network(
            int(data.lengths.max()),
            draw_seed(rng),
            n_tokens=self.encoding_.n_ids,
            embedding_dim=int(chosen["embedding_dim"]) if vectors is None else vectors.dim,
            encoder=encoder,
            bidirectional=bidirectional,
        )
        fill_embeddings(self.network_.table, self.vocabulary_, vectors, rng)
        notes = {"data_sha256": given.fingerprint(list(map(str, answers)))}
        return Prepared(self.network_, data, validation, self.objective(), seed, notes=notes)

    def _resolved(self, values: Mapping[str, Any]) -> tuple[Any, bool]:
        encoder, bidirectional = super()._resolved(values)
        if encoder in BAGS:
            raise ValueError(
                f"encoder={encoder!r} makes one vector of a whole row, but every word may begin "
                "an answer; choose 'bigru', 'bilstm' or 'tcn'"
            )
        tokenizer = values["tokenizer"]
        kind = tokenizer.kind if isinstance(tokenizer, Tokenizer) else tokenizer
        if isinstance(kind, str) and kind != "word":
            raise ValueError(
                f"tokenizer={kind!r} cuts words into parts, and answers are of whole words; use "
                "'word', or a function from a text to its words"
            )
        sizes = values["hidden_size"]
        width = (sizes[-1] if isinstance(sizes, tuple | list) else sizes) * (1 + bidirectional)
        if isinstance(encoder, str) and width % N_HEADS:
            raise ValueError(
                f"hidden_size={sizes!r} gives states of {width} numbers, which {N_HEADS} heads "
                f"share; choose a multiple of {N_HEADS}"
            )
        return encoder, bidirectional

    def _check_lengths(self, spans: Ragged, name: str) -> None:
        longest = int(self.fitted_parameters_["max_answer_length"])
        lengths = spans.values[:, 1] - spans.values[:, 0] + 1
        too_long = np.flatnonzero(lengths > longest)
        if len(too_long):
            row = int(np.searchsorted(spans.offsets, too_long[0], side="right")) - 1
            raise ValueError(
                f"{name}[{number_of(row)}] is an answer of {lengths[too_long[0]]} tokens, and "
                f"max_answer_length={longest}; raise it, or leave the row out"
            )

    def _encoded(self, asked: Tokens, told: Tokens, spans: Ragged | None = None) -> AnsweringRows:
        """Return what the network reads of questions and passages."""
        vocabulary = self.encoding_.vocabulary
        ids = vocabulary.encode(Tokens.from_flat(told.distinct, np.ones(len(told.distinct), int)))
        sentences, passages = cut_sentences(told)
        return AnsweringRows(
            vocabulary.encode(asked),
            sentences.through(ids.values),
            passages,
            matches(asked, told),
            spans,
        )

    def _read(self, X: Any, name: str = "X") -> tuple[Tokens, PassageTexts]:
        """Read questions and passages as those were read that were learned from."""
        check_is_fitted(self, "encoding_")
        given = _pairs(self.encoding_.rows(X, name), name)
        asked, told = self.encoding_.tokens(given.fields)
        return asked, PassageTexts(given.texts[1], told, self.encoding_.tokenizer)

    def _answered(self, X: Any, y: Any, which: str = "") -> AnsweringRows:
        asked, passages = self._read(X, f"{which}X")
        answers = read_answers(y, len(asked), f"{which}y")
        spans = joined_rows(passages.find(answers, f"{which}y"))
        self._check_lengths(spans, f"{which}y")
        return self._encoded(asked, passages.tokens, spans)

    def rows(self, X: Any, y: Any = None) -> AnsweringRows:
        """Return what the fitted network reads of X, and with y what it should answer."""
        check_is_fitted(self, "network_")
        if y is not None:
            return self._answered(X, y)
        asked, passages = self._read(X)
        return self._encoded(asked, passages.tokens)

    def answered_rows(self, rows: NetworkRows) -> NetworkRows:
        """Return rows with the answers that the model itself gives them."""
        if not isinstance(rows, AnsweringRows) or rows.spans is not None:
            return rows
        spans = []
        for log_p in self._span_log_probabilities(rows):
            start, more = np.unravel_index(int(log_p.argmax()), log_p.shape)
            spans.append(np.array([[start, start + more]]))
        return replace(rows, spans=joined_rows(spans))

    def predict(self, X: Any) -> list[str]:
        """Return the most probable answer to each question, as it stands in its passage.

        Parameters
        ----------
        X : as ``fit`` takes them

        Returns
        -------
        list of n str
        """
        return [one[0].text for one in self.predict_spans(X)]

    def predict_spans(self, X: Any, n_best: int = 1) -> list[list[FoundAnswer]]:
        """Return the most probable answers to each question, and where they stand.

        Parameters
        ----------
        X : as ``fit`` takes them
        n_best : int, default 1
            Most answers to each.

        Returns
        -------
        list of n lists of FoundAnswer
            ``text``, ``start``, ``end`` and ``probability``, the most probable first:
            ``passage[start:end]`` is the text. Where an answer occurs several times, the
            probability is that of all of its occurrences, and the place that of the most probable.
        """
        n_best = check_count("n_best", n_best)
        asked, passages = self._read(X)
        found = self._span_log_probabilities(self._encoded(asked, passages.tokens))
        return [_best_answers(log_p, row, passages, n_best) for row, log_p in enumerate(found)]

    def attention(self, X: Any) -> QuestionAttention:
        """Return what the model looks at in the passage of one row.

        Parameters
        ----------
        X : tuple of (question, passage), or one row as ``fit`` takes them

        Returns
        -------
        QuestionAttention
            The weight of each sentence in each pass, and of the question's words for the
            passage's; and how probable it is that each sentence has the answer.
        """
        if isinstance(X, tuple) and len(X) == 2 and all(isinstance(one, str) for one in X):
            X = [X]
        asked, passages = self._read(X)
        if len(asked) != 1:
            raise ValueError(f"attention is of one row, and X has {len(asked)}; pass X[:1]")
        rows = self._encoded(asked, passages.tokens)
        fields = [tuple(map(torch.from_numpy, one)) for one in rows.arrays()]
        with computing(self.network_, self.device, 1), torch.inference_mode():
            seen = self.network_.read_fields(fields)
        (log_p,) = self._span_log_probabilities(rows)
        sentences = seen.sentences[0].numpy()
        answers = np.bincount(sentences, np.exp(log_p).sum(1))  # by where an answer starts
        return QuestionAttention(
            seen.words[0].numpy(),
            np.array([one[0].numpy() for one in seen.passes]).reshape(-1, len(answers)),
            answers,
            sentences,
            asked.to_lists()[0],
            passages.tokens.to_lists()[0],
        )

    def _span_log_probabilities(self, rows: AnsweringRows) -> list[np.ndarray]:
        """Return of each row the logarithms (T, L) of the probabilities of its spans."""
        check_is_fitted(self, "network_")

        def compute(network: AnsweringNetwork, fields: Inputs) -> np.ndarray:
            return network.log_probabilities(fields).cpu().numpy()

        with computing(self.network_, self.device, thread_count(self.n_threads)) as team:
            batches, parts = by_batch(self.network_, rows, team, compute)
        found: list[np.ndarray] = [np.empty(0)] * len(rows)
        for numbers, part in zip(batches, parts, strict=True):
            for row, log_p in zip(numbers.tolist(), part, strict=True):
                found[row] = log_p[: rows.lengths[row]]
        return found

    def score(self, X: Any, y: Any) -> float:
        """Return the share of questions that are answered exactly right.

        Case, ASCII signs, and English articles do not count.

        Parameters
        ----------
        X, y : as ``fit`` takes them
        """
        return exact_match(*self._truth_and_answers(X, y))

    def f1(self, X: Any, y: Any) -> float:
        """Return how well the words of answers agree with those that are right, as a mean F1.

        Parameters
        ----------
        X, y : as ``fit`` takes them

        References
        ----------
        Rajpurkar et al. (2016), "SQuAD: 100,000+ Questions for Machine Comprehension of Text",
        section 6.1.
        """
        return word_f1(*self._truth_and_answers(X, y))

    def _truth_and_answers(self, X: Any, y: Any) -> tuple[list[str], list[str]]:
        found = self.predict(X)
        given = _pairs(self.encoding_.rows(X))
        answers = read_answers(y, len(given))
        return [_text_of(*pair) for pair in zip(answers, given.texts[1], strict=True)], found

    def objective(self) -> Objective:
        """Return what training minimises and validation scores."""
        return ANSWERING

    def _table_rate(self) -> float:
        return table_rate(self.vectors, self.freeze_vectors, self.recipe)

    def _n_trained_tokens(self) -> int:
        return 0 if self.freeze_vectors else int((self.vocabulary_.counts > 0).sum()) + 2

    def _own_to_json(self) -> dict[str, Any]:
        return {"encoding": self.encoding_.to_dict()}

    def _own_from_file(
        self, header: dict[str, Any], arrays: dict[str, np.ndarray], code: dict[str, Any]
    ) -> None:
        self.encoding_ = TextEncoding.from_dict(header["encoding"], code["tokenizer"])
        if header["network"]["n_tokens"] != self.encoding_.n_ids:
            raise ModelFileError("the network and the vocabulary differ in their number of tokens")

    @property
    def tokenizer_(self) -> Tokenizer:
        """What cuts questions and passages."""
        check_is_fitted(self, "encoding_")
        return self.encoding_.tokenizer

    @property
    def vocabulary_(self) -> Vocabulary:
        """The training tokens, and the words that ``vectors`` know beyond them."""
        check_is_fitted(self, "encoding_")
        return self.encoding_.vocabulary


def _pairs(given: TextRows, name: str = "X") -> TextRows:
    """Return rows of two texts; raise ValueError of any other."""
    if given.columns is not None or len(given.texts) != 2:
        raise ValueError(
            f"{name} must hold a question and a passage in each row; pass a list of pairs, or a "
            "frame with two columns"
        )
    (empty,) = np.nonzero((given.texts[1].str.strip_chars() == "").to_numpy())
    if len(empty):
        raise ValueError(
            f"the passage in row {number_of(int(empty[0]))} of {name} is empty, and answers are "
            "parts of passages; leave the row out"
        )
    return given


def _best_answers(
    log_p: np.ndarray, row: int, passages: PassageTexts, n_best: int
) -> list[FoundAnswer]:
    """Return the most probable answers of a passage, occurrences of the same words together.

    Parameters
    ----------
    log_p : ndarray of shape (T, L)
    row : int
    passages : PassageTexts
    n_best : int
    """
    codes, places = passages.tokens.codes[row], passages.places(row)
    text = passages.texts[row]
    order = np.argsort(-log_p, axis=None, kind="stable")[:LIKELIEST]
    likeliest: dict[bytes, list[Any]] = {}
    for start, more in zip(*np.unravel_index(order, log_p.shape), strict=True):
        probability = float(np.exp(log_p[start, more]))
        if not probability:
            break
        known = likeliest.setdefault(codes[start : start + more + 1].tobytes(), [start, more, 0.0])
        known[2] += probability
    ranked = sorted(likeliest.values(), key=lambda one: -one[2])[:n_best]
    found = []
    for start, more, probability in ranked:
        first, last = int(places[start, 0]), int(places[start + more, 1])
        found.append(FoundAnswer(text[first:last], first, last, min(probability, 1.0)))
    return found


def _text_of(answer: Answer, passage: str) -> str:
    return answer if isinstance(answer, str) else passage[slice(*answer)]
