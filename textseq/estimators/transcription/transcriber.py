"""Waves to the symbols that are said in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from textseq.audio.spectrogram import QUIETEST, LogMel
from textseq.audio.waves import read_waves
from textseq.batches import NetworkRows
from textseq.checks import check_choice, check_count, check_number
from textseq.estimators.auto import decide
from textseq.estimators.base import Prepared, TrainedEstimator
from textseq.estimators.build import draw_seed
from textseq.estimators.checkpoint import Checkpoint
from textseq.estimators.declared import declared
from textseq.estimators.distributed import Distributed, has_workers, kept_and_shared
from textseq.estimators.language.model import LanguageModel
from textseq.estimators.receipt import series_fingerprint
from textseq.estimators.sequence.fit_rows import check_groups
from textseq.estimators.transcription.decoding import SymbolLikelihood
from textseq.estimators.transcription.encoding import (
    LISTED,
    AudioEncoding,
    frames_of,
    read_symbols,
    usual_bands,
)
from textseq.estimators.transcription.parameters import TranscriberParameters
from textseq.estimators.transcription.recipe import SpeechFacts, recipe
from textseq.estimators.transcription.rows import SpokenRows, Utterances
from textseq.estimators.transcription.scores import LISTED_RATES, RATES, UNITS, error_rate, of_unit
from textseq.files import ModelFileError, StrPath
from textseq.labels.validation_split import split_rows
from textseq.message_language import number_of
from textseq.nn.bags import BAGS
from textseq.nn.ctc import align, best_symbols, fewest_steps
from textseq.nn.frame_augmentation import FrameAugmentation
from textseq.nn.prefix_beam_search import prefix_beam_search
from textseq.nn.transcription import TranscriptionNetwork
from textseq.ragged import Ragged
from textseq.training.devices import computing
from textseq.training.objectives import TRANSCRIPTION, Objective
from textseq.training.outputs import step_outputs
from textseq.training.threads import ThreadTeam, thread_count


class TimedSymbol(NamedTuple):
    """A symbol that was heard: from when to when, in seconds, and how probably."""

    symbol: str
    start: float
    end: float
    probability: float


@declared
class Transcriber(TranscriberParameters, TrainedEstimator):
    """Write down what is said in waves: characters, words or phones.

    A wave becomes log-mel frames, normalised over the utterance; a recurrent encoder reads some
    frames at a step, and connectionist temporal classification (CTC) learns which symbols the
    steps say, without being told when.

    A parameter of ``"auto"`` is decided from the data at ``fit``; ``fitted_parameters_`` tells
    what was decided.

    {parameters}

    Attributes
    ----------
    symbols_ : tuple of str
        What it can say, sorted.
    encoding_ : AudioEncoding
        What turns waves into what the network reads.
    fitted_parameters_, history_, receipt_, interrupted_
        As in ``TextClassifier``; ``validation_score`` is 1 less the error rate of symbols.

    References
    ----------
    Graves et al. (2006), "Connectionist Temporal Classification"; Graves, Mohamed & Hinton (2013),
    "Speech Recognition with Deep Recurrent Neural Networks".

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> def tone(hertz):
    ...     wave = np.sin(2 * np.pi * hertz * np.arange(1600) / 8000 + rng.uniform(0, 6))
    ...     return np.concatenate([np.zeros(400), wave, np.zeros(400)])
    >>> waves = [tone(500 if low else 1500) for low in [True, False] * 20]
    >>> model = Transcriber("word", sample_rate=8000, stride=3, hidden_size=16, num_layers=1,
    ...                     learning_rate=0.01, batch_size=4, max_epochs=16, masks=0, noise=False,
    ...                     random_state=0, n_threads=1)
    >>> model = model.fit(waves, ["low", "high"] * 20)
    >>> model.predict([tone(1450), tone(550)])
    ['high', 'low']
    """

    network_kind = TranscriptionNetwork
    reads = "waves"

    @kept_and_shared
    def fit(
        self,
        X: Any,
        y: Any,
        validation_data: tuple[Any, Any] | None = None,
        *,
        groups: Any = None,
        checkpoint: StrPath | Checkpoint | None = None,
        distributed: Distributed | None = None,
    ) -> Self:
        """Fit to waves and what is said in them.

        Parameters
        ----------
        X : list of n waves, or array of shape (n, samples)
            Each wave is the path of a WAV, FLAC, OGG or MP3 file (``pip install
            textseq[audio]``), an array of samples, or a pair (samples, samples a second).
        y : list of n str, or list of n lists of str
            Texts, or symbols such as phones.
        validation_data : tuple of (X, y), optional
            Chooses the best epoch, instead of ``validation_fraction`` of the waves.
        groups : array-like of shape (n,), optional
            Who speaks each wave: those of one group stand on one side of the validation split,
            and only they are joined.
        {sharing}

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If waves, texts or parameters are not usable; the message says what to do.
        """
        if has_workers(distributed):
            own = {"groups": groups, "checkpoint": checkpoint}
            return distributed.fit(self, X, y, validation_data, **own)
        with self.fitting(checkpoint, distributed):
            self._train(self.prepare(X, y, validation_data, groups=groups))
        return self

    def prepare(
        self,
        X: Any,
        y: Any = None,
        validation_data: tuple[Any, Any] | None = None,
        *,
        groups: Any = None,
    ) -> Prepared:
        """Check, decide on "auto", learn the symbols and build the network: all but training.

        Parameters
        ----------
        X, y, validation_data, groups
            As ``fit`` takes them.
        """
        parameters = self._given()
        encoder, bidirectional = self._resolved(parameters)
        waves, rate = read_waves(X, _whole(self.sample_rate))
        symbols, listed = read_symbols(y, self.symbol)
        _check_rows(waves, symbols)
        mel = LogMel(rate, int(self.n_mels), float(self.window), float(self.hop))
        seed = self._seed()
        rng = np.random.default_rng(seed)
        fraction = 0.0 if validation_data is not None else float(self.validation_fraction)
        speakers = check_groups(groups, len(waves))
        own, held_out = split_rows(np.zeros((len(waves), 1)), fraction, rng, groups=speakers)
        frames = frames_of(waves, mel)
        training = frames.take(own)
        self.encoding_ = AudioEncoding(
            mel,
            bool(self.deltas),
            int(self.stride),
            LISTED if listed else self.symbol,
            usual_bands(training),
            tuple(sorted({symbol for row in symbols for symbol in row})),
        )
        if not self.symbols_:
            raise ValueError("y holds no symbol to learn; pass what is said in the waves")
        numbers = self.encoding_.numbers(symbols)
        rows = self._utterances(training, numbers.take(own), own, speakers)
        validation = None
        if validation_data is not None:
            validation = self._spoken(*validation_data, "the validation ")
        elif len(held_out):
            steps = self.encoding_.steps(frames.take(held_out))
            validation = SpokenRows.of_all(steps, numbers.take(held_out))
        self._build(encoder, bidirectional, parameters, rows, rng)
        texts = np.array(["\x1f".join(row) for row in symbols])
        notes = {"data_sha256": series_fingerprint(waves, texts)}
        return Prepared(self.network_, rows, validation, self.objective(), seed, notes=notes)

    def rows(self, X: Any, y: Any = None) -> SpokenRows:
        """Return what the fitted network reads of X, and with y what it should say."""
        check_is_fitted(self, "network_")
        return self._heard(X) if y is None else self._spoken(X, y)

    def answered_rows(self, rows: NetworkRows) -> NetworkRows:
        """Return rows with the symbols that the model itself hears in them."""
        if not isinstance(rows, SpokenRows):
            return rows
        heard = Ragged.from_rows([best_symbols(log_p) for log_p in self._log_p(rows)])
        return SpokenRows.of_all(rows.steps, heard)

    def predict(
        self,
        X: Any,
        *,
        beam_size: int = 1,
        language_model: LanguageModel | None = None,
        language_weight: float = 0.5,
        symbol_bonus: float = 0.0,
    ) -> list[Any]:
        """Return what is said in each wave.

        Parameters
        ----------
        X : as ``fit`` takes them
        beam_size : int, default 1
            1 takes the most probable symbol at every step. More look for the most probable
            symbols, over all ways to lay them on the steps, among so many beginnings.
        language_model : LanguageModel, optional
            Of the same symbols (``LanguageModel("char")``, or "word"), which has its say with
            ``beam_size`` above 1: ``language_weight`` times its log-probability is added.
        language_weight : float, default 0.5
        symbol_bonus : float, default 0
            Added for each symbol, in nats, where a language model makes answers short.

        Returns
        -------
        list of n str, or of n lists of str
            As ``fit`` was given them.
        """
        found = self._found(X, beam_size, language_model, language_weight, symbol_bonus)
        return [self.encoding_.written(self.encoding_.read(numbers)) for _, numbers in found]

    def predict_times(
        self,
        X: Any,
        *,
        beam_size: int = 1,
        language_model: LanguageModel | None = None,
        language_weight: float = 0.5,
        symbol_bonus: float = 0.0,
    ) -> list[list[TimedSymbol]]:
        """Return the symbols said in each wave, when, and how probably.

        CTC is free to say a symbol at any moment while it sounds, or a little later: times are
        those of the steps on which the symbols are laid in the most probable way, which are
        fewer than a symbol sounds.

        Parameters
        ----------
        X, beam_size, language_model, language_weight, symbol_bonus
            As ``predict`` takes them.

        Returns
        -------
        list of n lists of TimedSymbol
            ``symbol``; ``start`` and ``end``, in seconds from the wave's first sample; and
            ``probability``, the network's, at the surest of these steps.
        """
        found = self._found(X, beam_size, language_model, language_weight, symbol_bonus)
        return [self._timed(log_p, numbers) for log_p, numbers in found]

    def predict_proba(self, X: Any) -> list[np.ndarray]:
        """Return the probability of each symbol at each step.

        Parameters
        ----------
        X : as ``fit`` takes them

        Returns
        -------
        list of n ndarrays of shape (steps_i, 1 + n_symbols)
            First that none is said (the blank), then of ``symbols_``; a step is ``stride`` times
            ``hop`` seconds.
        """
        return [np.exp(log_p) for log_p in self._log_p(self._heard(X))]

    def error_rate(self, X: Any, y: Any, unit: str = "symbol", **options: Any) -> float:
        """Return the symbols that are wrong, missing or too many, a symbol of the truth.

        Parameters
        ----------
        X, y : as ``fit`` takes them
        unit : {"symbol", "char", "word"}
            What is counted: what the model says, or characters (spaces among them) or words of
            its texts.
        **options
            As ``predict`` takes them.

        Returns
        -------
        float
            0 is best; above 1 where much is heard that was not said.
        """
        check_choice("unit", unit, UNITS)
        found, truth = self._heard_and_said(X, y, options)
        kind = self.encoding_.kind
        return error_rate(of_unit(found, kind, unit), of_unit(truth, kind, unit))

    def evaluate(self, X: Any, y: Any, **options: Any) -> dict[str, float]:
        """Return all scores of the transcripts, which are made once.

        Parameters
        ----------
        X, y, **options
            As ``error_rate`` takes them.

        Returns
        -------
        dict
            ``exact_match``, the share of waves of which all is right, and of texts
            ``character_error_rate`` and ``word_error_rate``, of listed symbols
            ``symbol_error_rate``.
        """
        found, truth = self._heard_and_said(X, y, options)
        kind = self.encoding_.kind
        scores = {
            "exact_match": float(np.mean([a == b for a, b in zip(found, truth, strict=True)]))
        }
        for name, unit in LISTED_RATES.items() if kind == LISTED else RATES.items():
            scores[name] = error_rate(of_unit(found, kind, unit), of_unit(truth, kind, unit))
        return scores

    def score(self, X: Any, y: Any) -> float:
        """Return 1 less the error rate of the symbols that the model says.

        Parameters
        ----------
        X, y : as ``fit`` takes them
        """
        return 1 - self.error_rate(X, y)

    @property
    def symbols_(self) -> tuple[str, ...]:
        """What the model can say, sorted."""
        check_is_fitted(self, "encoding_")
        return self.encoding_.symbols

    def objective(self) -> Objective:
        """Return what training minimises and validation scores."""
        return TRANSCRIPTION

    def _resolved(self, values: Mapping[str, Any]) -> tuple[Any, bool]:
        encoder, bidirectional = super()._resolved(values)
        if encoder in BAGS:
            raise ValueError(
                f"encoder={encoder!r} makes one vector of a whole wave, but every step needs its "
                "own; choose 'bilstm', 'bigru' or 'tcn'"
            )
        if values["hop"] > values["window"]:
            raise ValueError(
                f"hop={values['hop']} seconds leaves out what is between windows of "
                f"{values['window']}; make it shorter"
            )
        return encoder, bidirectional

    def _heard(self, X: Any, name: str = "X") -> SpokenRows:
        """Read waves as the network does."""
        check_is_fitted(self, "encoding_")
        waves, _ = read_waves(X, self.encoding_.mel.sample_rate, name)
        return SpokenRows(self.encoding_.steps(frames_of(waves, self.encoding_.mel)))

    def _spoken(self, X: Any, y: Any, which: str = "") -> SpokenRows:
        """Read waves and texts, ``which`` in messages, of the symbols that were learned."""
        steps = self._heard(X, f"{which}X").steps
        symbols, _ = read_symbols(y, self.symbol, f"{which}y")
        if len(symbols) != len(steps):
            raise ValueError(f"{which}X has {len(steps)} waves, but y has {len(symbols)} texts")
        return SpokenRows.of_all(steps, self.encoding_.numbers(symbols, f"{which}y"))

    def _utterances(
        self, frames: Ragged, symbols: Ragged, own: np.ndarray, speakers: np.ndarray | None
    ) -> Utterances:
        """Return training rows, of log-mel frames, that stand at ``own`` in the caller's."""
        encoding, mel = self.encoding_, self.encoding_.mel
        plain = SpokenRows.of_all(encoding.steps(frames), symbols)
        _check_lengths(plain, own, encoding)
        groups = np.zeros(len(own), dtype=np.int64)
        if speakers is not None:
            groups = np.unique(speakers[own], return_inverse=True)[1]
        augmentation = FrameAugmentation(
            mel.centres,
            mel.sample_rate / 2,
            mel.filters.sum(axis=1),
            mel.hop_size / mel.sample_rate,
            QUIETEST,
            float(self.speed_perturbation),
            float(self.vocal_tract_perturbation),
            bool(self.noise),
        )
        return Utterances(
            plain, frames, groups, encoding, augmentation, int(self.masks), int(self.join)
        )

    def _build(
        self,
        encoder: Any,
        bidirectional: bool,
        parameters: dict[str, Any],
        rows: Utterances,
        rng: np.random.Generator,
    ) -> None:
        assert rows.plain.symbols is not None
        facts = SpeechFacts(len(rows), rows.plain.symbols.n_values)
        self.fitted_parameters_ = decide(parameters, recipe(encoder, facts))
        self._build_network(
            int(rows.lengths.max()),
            draw_seed(rng),
            n_tokens=0,
            representation="numbers",
            embedding_dim=self.encoding_.n_inputs,
            n_outputs=len(self.symbols_) + 1,
            encoder=encoder,
            bidirectional=bidirectional,
        )

    def _log_p(self, rows: SpokenRows) -> list[np.ndarray]:
        """Return log p (steps_i, K) of each row."""
        check_is_fitted(self, "network_")
        if not len(rows):
            return []
        with computing(self.network_, self.device, thread_count(self.n_threads)) as team:
            found = step_outputs(
                self.network_, rows, team, TranscriptionNetwork.log_probabilities, rows.lengths
            )
        return [found[row] for row in range(len(found))]

    def _found(
        self,
        X: Any,
        beam_size: int = 1,
        language_model: LanguageModel | None = None,
        language_weight: float = 0.5,
        symbol_bonus: float = 0.0,
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return log p (steps_i, K) of each wave, and the numbers of the symbols found."""
        beams = check_count("beam_size", beam_size)
        weight = check_number("language_weight", language_weight)
        bonus = check_number("symbol_bonus", symbol_bonus, -np.inf)
        if language_model is not None and beams == 1:
            raise ValueError(
                "a language_model weighs beginnings against each other, and beam_size=1 has one; "
                "take beam_size=8, say"
            )
        log_p = self._log_p(self._heard(X))
        if beams == 1:
            return [(steps, best_symbols(steps)) for steps in log_p]
        likelihood = None
        if language_model is not None:
            likelihood = SymbolLikelihood(language_model, self.symbols_)
        with ThreadTeam(1):
            return [
                (
                    steps,
                    prefix_beam_search(steps, beams, likelihood, weight=weight, bonus=bonus)[0],
                )
                for steps in log_p
            ]

    def _heard_and_said(
        self, X: Any, y: Any, options: Mapping[str, Any]
    ) -> tuple[list[list[str]], list[list[str]]]:
        """Return the symbols found in each wave, and those of its text."""
        check_is_fitted(self, "encoding_")
        truth, listed = read_symbols(y, self.symbol)
        if listed != (self.encoding_.kind == LISTED):
            raise ValueError("y must be strings if the model was fitted to strings, else lists")
        found = [self.encoding_.read(numbers) for _, numbers in self._found(X, **options)]
        if len(found) != len(truth):
            raise ValueError(f"X has {len(found)} waves, but y has {len(truth)} texts")
        return found, truth

    def _timed(self, log_p: np.ndarray, numbers: np.ndarray) -> list[TimedSymbol]:
        if not len(numbers):
            return []
        seconds = self.encoding_.step_seconds
        first, last = align(log_p, numbers)
        sureness = [
            float(np.exp(log_p[begin : end + 1, number].max()))
            for begin, end, number in zip(first, last, numbers, strict=True)
        ]
        return [
            TimedSymbol(symbol, begin * seconds, (end + 1) * seconds, sure)
            for symbol, begin, end, sure in zip(
                self.encoding_.read(numbers), first.tolist(), last.tolist(), sureness, strict=True
            )
        ]

    def _own_to_json(self) -> dict[str, Any]:
        return {"encoding": self.encoding_.to_dict()}

    def _own_from_file(
        self, header: dict[str, Any], arrays: dict[str, np.ndarray], code: dict[str, Any]
    ) -> None:
        self.encoding_ = AudioEncoding.from_dict(header["encoding"])
        network = header["network"]
        fits = network["embedding_dim"] == self.encoding_.n_inputs
        if not fits or network["n_outputs"] != len(self.symbols_) + 1:
            raise ModelFileError("the network and what it reads or says differ in number")


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


def _check_rows(waves: Ragged, symbols: Sequence[Sequence[str]]) -> None:
    if len(waves) != len(symbols):
        raise ValueError(f"X has {len(waves)} waves, but y has {len(symbols)} texts; give one each")
    if not len(waves):
        raise ValueError("X is empty; pass waves and what is said in them")


def _check_lengths(rows: SpokenRows, own: np.ndarray, encoding: AudioEncoding) -> None:
    """Refuse rows that are too short for their symbols, of which CTC could learn nothing."""
    assert rows.symbols is not None
    for row, length in enumerate(rows.lengths.tolist()):
        fewest = fewest_steps(rows.symbols[row])
        if length < fewest:
            raise ValueError(
                f"y[{number_of(int(own[row]))}] has {len(rows.symbols[row])} symbols, which need "
                f"{fewest} steps, and its wave has {length} of {encoding.step_seconds:g} seconds; "
                f"lower stride={encoding.stride} or hop={encoding.mel.hop}, or leave the row out"
            )
