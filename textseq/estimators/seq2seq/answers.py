"""What an encoder-decoder answers, and how good its answers are."""

from __future__ import annotations

import unicodedata
import warnings
from typing import Any, NamedTuple

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted

from textseq.batches import NetworkRows, SequenceData
from textseq.checks import check_choice, check_count, seed_of
from textseq.corpus.source import is_text_source, open_source
from textseq.estimators.base import TrainedEstimator
from textseq.estimators.encoding.text import TextEncoding
from textseq.estimators.language.generation import Sampling
from textseq.estimators.seq2seq.attention_map import AttentionMap
from textseq.estimators.seq2seq.encoding import (
    Cuts,
    ReadPairs,
    Seq2SeqEncoding,
    Source,
    lone_source,
)
from textseq.estimators.seq2seq.generation import Drawing, Said, Search, say, with_ends
from textseq.estimators.seq2seq.scores import (
    CorpusScore,
    character_error_rate,
    corpus_score,
    exact_match,
    scoring_of,
)
from textseq.estimators.seq2seq.unknown_words import (
    UNKNOWNS,
    Places,
    places_of_unknown,
    unknown_steps,
)
from textseq.nn.token_decoder import BEGIN, PAD, UNKNOWN
from textseq.ragged import Ragged
from textseq.text.inputs import one_or_more
from textseq.text.row_forms import TEXTS
from textseq.text.vocabulary import SPECIALS, UNKNOWN_ID
from textseq.training.devices import computing, device_of
from textseq.training.outputs import as_tensors, network_outputs
from textseq.training.threads import thread_count

MARK = SPECIALS[UNKNOWN_ID]
# What is done with unknown words.
WAYS = {
    "copy": "copies them to where answers speak of them",
    "mark": f"says {MARK} where answers speak of them",
    "never": "answers as if they were other words",
}


class ScoredAnswer(NamedTuple):
    """One of several answers to a source.

    Parameters
    ----------
    answer : str or list of str
    log_probability : float
        Of its tokens and its end given the source, in nats: what ``score_samples`` tells of it.
    """

    answer: Any
    log_probability: float


class TargetAnswers(TrainedEstimator):
    """Part of ``Seq2Seq``: what it says of sources, and how near that is to what is right."""

    encoding_: Seq2SeqEncoding
    source: str
    unknown: str
    scoring: str
    beam_size: int
    length_penalty: float
    attention: str | None

    def predict(
        self,
        src: Any,
        beam_size: int | None = None,
        *,
        n_best: int | None = None,
        max_new_tokens: int | None = None,
        unknown: str | None = None,
        temperature: float | None = None,
        top_k: int | None = None,
        random_state: Any = None,
    ) -> list[Any]:
        """Say the target of each source.

        A source without tokens, such as a blank line, has an empty target. What is cut short,
        and words that training had not, are counted in warnings.

        Parameters
        ----------
        src : as ``fit`` takes them
            Of what is read some at a time the column that the model was fitted to, or by default
            "text", or the only column of strings.
        beam_size : int, optional
            Instead of the estimator's.
        n_best : int, optional
            Answers to each source. Those of a search are its best, of ``n_best`` beams at least;
            with ``temperature`` or ``top_k`` each is drawn anew.
        max_new_tokens : int, optional
            Most tokens of an answer. By default as many as the longest training target had, or
            twice as many as those to sources as long had on the mean, whichever is more.
        unknown : {"copy", "mark", "never"}, optional
            Instead of the estimator's.
        temperature : float, optional
            Draw tokens by their probabilities instead of a search: under 1 likely ones grow
            likelier, and 0 takes the likeliest.
        top_k : int, optional
            Draw from the k likeliest tokens only.
        random_state : int, RandomState, Generator or None
            Of what is drawn: the same one repeats it.

        Returns
        -------
        list of n str, or of n lists of str where targets were lists
            With ``n_best`` a list of n lists of ``ScoredAnswer``.
        """
        check_is_fitted(self, "network_")
        if is_text_source(src):
            return self._predict_source(
                src, random_state, beam_size, n_best=n_best, max_new_tokens=max_new_tokens,
                unknown=unknown, temperature=temperature, top_k=top_k,
            )  # fmt: skip
        drawing = temperature is not None or top_k is not None
        how: Search | Drawing = self._search(beam_size)
        if drawing:
            if beam_size is not None:
                raise ValueError(
                    f"beam_size={beam_size} searches, and temperature and top_k draw; leave one out"
                )
            sampling = Sampling(1.0 if temperature is None else temperature, top_k)
            how = Drawing(seed_of(random_state), sampling)
        n_answers = 1 if n_best is None else check_count("n_best", n_best)
        encoding = self.encoding_
        read = encoding.read(encoding.read_source(self.source, one_or_more(src)))
        chosen = self._unknown(unknown)
        said, places = self._say(read, how, n_answers, max_new_tokens, chosen)
        n_cut = int(said.cut.sum())
        warn_of_cuts(self.encoding_, read.cuts, n_cut_answers=n_cut, max_new_tokens=max_new_tokens)
        warn_of_unknown(read, chosen)
        answers = self._written(read, said, places, chosen)
        per_source = [answers[row : row + n_answers] for row in range(0, len(answers), n_answers)]
        if n_best is None:
            return [first for (first,) in per_source]
        return [
            [
                ScoredAnswer(answer, float(score))
                for answer, score, there in zip(*row, strict=True)
                if there
            ]
            for row in zip(per_source, said.log_probabilities, said.there, strict=True)
        ]

    def _predict_source(self, src: Any, random_state: Any, *given: Any, **named: Any) -> list[Any]:
        """Say the targets of sources that are read some at a time."""
        if self.encoding_.source_form != TEXTS:
            raise ValueError(
                "of files, queries and functions texts are read alone, and the model was fitted to "
                f"{self.encoding_.source_form}; pass them in memory"
            )
        assert isinstance(self.encoding_.source, TextEncoding)
        source = open_source(src, self.encoding_.source.columns)
        (name,) = source.texts
        seed, answers = seed_of(random_state), []
        for number, frame in enumerate(source.batches()):
            # Each part draws by itself.
            named["random_state"] = seed + number
            answers += self.predict(frame[name], *given, **named)
        return answers

    def _search(self, beam_size: int | None) -> Search:
        beams = check_count("beam_size", self.beam_size if beam_size is None else beam_size)
        return Search(beams, float(self.length_penalty))

    def _unknown(self, unknown: str | None) -> str:
        chosen = self.unknown if unknown is None else unknown
        check_choice("unknown", chosen, UNKNOWNS)
        return chosen

    def _say(
        self,
        read: ReadPairs,
        how: Search | Drawing,
        n_best: int,
        max_new_tokens: int | None,
        unknown: str,
    ) -> tuple[Said, Places]:
        """Return what is said, and which of its steps stand for unknown words of the source."""
        source = read.data.fields[0]
        if max_new_tokens is None:
            longest = self.encoding_.longest_of(source.lengths)
        else:
            longest = np.full(len(source), check_count("max_new_tokens", max_new_tokens))
        says_unknown = unknown != "never" and self.encoding_.unknown_targets != "none"
        never = (PAD, BEGIN) if says_unknown else (PAD, UNKNOWN, BEGIN)
        with computing(self.network_, self.device, thread_count(self.n_threads)) as team:
            said = say(self.network_, source, longest, team, how, n_best=n_best, never=never)
            # Documents have blank lines, and so has what is said of them.
            said = said.silent(source.lengths == 0)
            places: Places = [{} for _ in said.ids]
            if unknown != "never" and read.tokens is not None:
                rows = np.repeat(np.arange(len(source)), n_best)
                strange = Ragged(unknown_steps(source, read.tokens), source.offsets).take(rows)
                places = places_of_unknown(
                    self.network_, source.take(rows), strange.values, said.ids, team
                )
        return said, places

    def _written(self, read: ReadPairs, said: Said, places: Places, unknown: str) -> list[Any]:
        """Return answers as texts, or lists of symbols; what is unknown copied, or marked."""
        n_best = said.there.shape[1]
        asked = sorted({row // n_best for row, own in enumerate(places) if own})
        sources: dict[int, list[str]] = {}
        if asked and read.tokens is not None:
            sources = dict(zip(asked, read.tokens.take(asked).to_lists(), strict=True))
        # A target's own <unk> stands for itself.
        copies, keeps = unknown == "copy", self.encoding_.unknown_targets == "own"
        answers = []
        for row, (ids, own) in enumerate(zip(said.ids, places, strict=True)):
            others = {
                step: sources[row // n_best][place]
                if copies and not (keeps and ids[step] == UNKNOWN)
                else MARK
                for step, place in own.items()
            }
            answers.append(self.encoding_.write(ids, others))
        return answers

    def answered_rows(self, rows: NetworkRows) -> NetworkRows:
        """Return rows with what the model itself says as their targets, each likeliest token."""
        if not isinstance(rows, SequenceData) or len(rows.fields) > 1:
            return rows
        (source,) = rows.fields
        longest, never = self.encoding_.longest_of(source.lengths), (PAD, UNKNOWN, BEGIN)
        with computing(self.network_, self.device, thread_count(self.n_threads)) as team:
            said = say(self.network_, source, longest, team, Search(1, 0.0), n_best=1, never=never)
        return SequenceData((source, with_ends(said.ids)), np.zeros(len(rows), np.float32))

    def score_samples(self, src: Any, tgt: Any) -> np.ndarray:
        """Return the log-probability (n,) of each target given its source, in nats.

        All of a target is read, ``max_length`` or not, and its ``<eos>``; a token that is not in
        the vocabulary counts as ``<unk>``.
        """
        check_is_fitted(self, "network_")
        pairs = self._read(one_or_more(src), one_or_more(tgt))
        read = self.encoding_.read(*pairs, whole_targets=True)
        warn_of_cuts(self.encoding_, read.cuts)
        with computing(self.network_, self.device, thread_count(self.n_threads)) as team:
            means = network_outputs(self.network_, read.data, team)[:, 0]
        return -means.astype(np.float64) * read.data.fields[1].lengths

    def score(self, src: Any, tgt: Any, scoring: str | None = None) -> float:
        """Return one figure of how good predictions are, the higher the better.

        Parameters
        ----------
        src : as ``fit`` takes them
        tgt : as ``bleu`` takes them
        scoring : {"bleu", "chrf", "exact_match", "character_error_rate"}, optional
            Instead of the estimator's; "accuracy" and "exact" are "exact_match". The character
            error rate is returned as its negative.

        Notes
        -----
        scikit-learn takes such scores too: ``GridSearchCV(model, grid,
        scoring=Seq2Seq.exact_match)``, or ``scoring="accuracy"`` of its own, which minds case.
        """
        name = scoring_of("scoring", self.scoring if scoring is None else scoring)
        found = getattr(self, name)(src, tgt)
        if isinstance(found, CorpusScore):
            return found.score
        return -found if name == "character_error_rate" else float(found)

    def bleu(
        self,
        src: Any,
        tgt: Any,
        beam_size: int | None = None,
        *,
        tokenize: str | None = None,
        max_new_tokens: int | None = None,
        unknown: str | None = None,
    ) -> CorpusScore:
        """Return the BLEU of the predictions, with sacrebleu's signature.

        Case counts for nothing where targets were turned to lower case, and the signature says
        so. Where no reference has four words, BLEU is of shorter n-grams only ("eff:yes").

        Parameters
        ----------
        src : as ``fit`` takes them
        tgt : list of n targets
            Or of n lists of strings: several references for a source.
        beam_size, max_new_tokens, unknown
            As in ``predict``.
        tokenize : str, optional
            What cuts texts into words, by sacrebleu's names: "13a", "intl", "zh", "char",
            "ja-mecab", "flores101" and others. By default what the references' script asks for:
            "zh" of Chinese, "char" of Japanese, Thai and others without spaces, else "13a".

        Returns
        -------
        CorpusScore
            ``score`` from 0 to 100, ``signature``, and ``text``, all in one line.
        """
        answers = self._answers(src, tgt, beam_size, max_new_tokens, unknown)
        return corpus_score("bleu", *answers, lowercase=self._lowers_targets, tokenize=tokenize)

    def chrf(
        self,
        src: Any,
        tgt: Any,
        beam_size: int | None = None,
        *,
        max_new_tokens: int | None = None,
        unknown: str | None = None,
    ) -> CorpusScore:
        """Return the chrF of the predictions, from 0 to 100; ``bleu`` tells the parameters."""
        answers = self._answers(src, tgt, beam_size, max_new_tokens, unknown)
        return corpus_score("chrf", *answers, lowercase=self._lowers_targets)

    def exact_match(
        self,
        src: Any,
        tgt: Any,
        beam_size: int | None = None,
        *,
        max_new_tokens: int | None = None,
        unknown: str | None = None,
    ) -> float:
        """Return the share of predictions that are right; ``bleu`` tells the parameters.

        Kinds of white space count for nothing, nor does case where targets were turned to lower
        case.
        """
        answers = self._answers(src, tgt, beam_size, max_new_tokens, unknown)
        return exact_match(*answers, lowercase=self._lowers_targets)

    def character_error_rate(
        self,
        src: Any,
        tgt: Any,
        beam_size: int | None = None,
        *,
        max_new_tokens: int | None = None,
        unknown: str | None = None,
    ) -> float:
        """Return how many characters must be changed, a character of the references.

        0 is best; of targets that are lists their symbols count. ``bleu`` tells the parameters.
        """
        answers = self._answers(src, tgt, beam_size, max_new_tokens, unknown)
        return character_error_rate(*answers, lowercase=self._lowers_targets)

    def evaluate(
        self,
        src: Any,
        tgt: Any,
        beam_size: int | None = None,
        *,
        tokenize: str | None = None,
        max_new_tokens: int | None = None,
        unknown: str | None = None,
    ) -> dict[str, Any]:
        """Return all scores of the predictions, which are made once; ``bleu`` tells the parameters.

        Returns
        -------
        dict
            ``exact_match``, ``character_error_rate``, ``bleu``, ``chrf``, and the signatures of the
            last two.
        """
        answers = self._answers(src, tgt, beam_size, max_new_tokens, unknown)
        lowercase = self._lowers_targets
        bleu = corpus_score("bleu", *answers, lowercase=lowercase, tokenize=tokenize)
        chrf = corpus_score("chrf", *answers, lowercase=lowercase)
        return {
            "exact_match": exact_match(*answers, lowercase=lowercase),
            "character_error_rate": character_error_rate(*answers, lowercase=lowercase),
            "bleu": bleu.score,
            "chrf": chrf.score,
            "bleu_signature": bleu.signature,
            "chrf_signature": chrf.signature,
        }

    @property
    def _lowers_targets(self) -> bool:
        return not self.encoding_.symbols and self.encoding_.target.tokenizer.lowercase

    def _answers(
        self,
        src: Any,
        tgt: Any,
        beam_size: int | None,
        max_new_tokens: int | None,
        unknown: str | None,
    ) -> tuple[list[Any], list[Any]]:
        """Return predictions and their references."""
        predictions = self.predict(src, beam_size, max_new_tokens=max_new_tokens, unknown=unknown)
        references = self.encoding_.references(one_or_more(tgt), predictions)
        if len(predictions) != len(references):
            raise ValueError(f"src has {len(predictions)} rows but tgt has {len(references)}")
        # As references are, whichever of Unicode's forms a language is written in.
        if not self.encoding_.symbols:
            predictions = [unicodedata.normalize("NFC", said) for said in predictions]
        return predictions, references

    def attention_map(self, src: Any) -> AttentionMap:
        """Return what the decoder attends to while it says the target of one source.

        Parameters
        ----------
        src : one source, as an element of those that ``fit`` takes

        Returns
        -------
        AttentionMap
            ``weights`` (output tokens, source steps), ``source``, ``output`` and ``plot()``.

        Raises
        ------
        ValueError
            If the model has no attention.
        """
        source, weights, output = self._attended(src)
        names = self.encoding_.step_names(source)
        return AttentionMap(weights[:, : len(names)], names, output)

    def _attended(self, src: Any) -> tuple[Source, np.ndarray, list[str]]:
        """Return one source, what its target attends to (n_output, n_steps), and the target."""
        check_is_fitted(self, "network_")
        if self.network_.decoder.attention is None:
            raise ValueError(
                f"the model has no attention (attention={self.attention!r}, "
                f"encoder={self.encoder!r}); fit one with attention='additive' or 'dot'"
            )
        row = lone_source(src, self.encoding_.source_form)
        source = self.encoding_.read_source(self.source, row)
        read = self.encoding_.read(source)
        said, _ = self._say(read, self._search(None), 1, None, "never")
        target = with_ends(said.ids)
        data = SequenceData((*read.data.fields, target))
        with computing(self.network_, self.device, 1), torch.inference_mode():
            _, weights = self.network_.reread(*as_tensors(data, device_of(self.network_)))
        output = self.encoding_.target.vocabulary.decode(target.values)
        return source, weights[0].cpu().numpy(), output


def warn_of_cuts(
    encoding: Seq2SeqEncoding,
    *cuts: Cuts,
    n_cut_answers: int = 0,
    max_new_tokens: int | None = None,
) -> None:
    """Warn, once, of all that is cut short: sources, targets and answers."""
    n_rows = sum(one.rows for one in cuts)
    found = [
        f"{count:,} of {n_rows:,} {what} are read up to their first {part.max_length:g} tokens "
        "(max_length)"
        for count, what, part in (
            (sum(one.sources for one in cuts), "sources", encoding.source),
            (sum(one.targets for one in cuts), "targets", encoding.target),
        )
        if count and isinstance(part, TextEncoding)
    ]
    if n_cut_answers:
        limit = "pass max_new_tokens=" if max_new_tokens is None else "max_new_tokens"
        found.append(f"{n_cut_answers:,} answers end where they would have gone on ({limit})")
    if found:
        warnings.warn("; ".join(found), stacklevel=3)


def warn_of_unknown(read: ReadPairs, unknown: str) -> None:
    """Warn of words of sources that training had not."""
    if read.tokens is None:
        return
    source = read.data.fields[0]
    strange = unknown_steps(source, read.tokens)
    rows = np.repeat(np.arange(len(source)), source.lengths)[strange]
    if not len(rows):
        return
    (first,) = read.tokens.take(rows[:1]).to_lists()
    word = first[int(np.flatnonzero(strange)[0] - source.offsets[rows[0]])]
    warnings.warn(
        f"words that training had not: {len(rows):,}, in {len(np.unique(rows)):,} of "
        f"{len(source):,} sources, such as {word!r}; unknown={unknown!r} {WAYS[unknown]}",
        stacklevel=3,
    )
