"""From images, or features of their places, to texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

import numpy as np
from sklearn.utils import Tags

from textseq.batches import SequenceData
from textseq.checks import check_count
from textseq.estimators.auto import decide
from textseq.estimators.build import draw_seed
from textseq.estimators.captioning.attention_map import ImageAttention
from textseq.estimators.captioning.recipe import CaptionFacts, recipe
from textseq.estimators.checkpoint import Checkpoint
from textseq.estimators.declared import Rule, changed, declared, one_of, param
from textseq.estimators.distributed import Distributed, has_workers, kept_and_shared
from textseq.estimators.encoding.images import IMAGES, ImageEncoding, ImageRows, read_images
from textseq.estimators.parameters import (
    EmbeddingParameters,
    EncoderParameters,
    PoolingParameters,
    RareTokenParameters,
    TeacherParameters,
    TextLengthParameters,
    TokenizerParameters,
    TyingParameters,
    ValidationParameters,
)
from textseq.estimators.seq2seq.decoder_parameters import DecoderParameters, check_attention
from textseq.estimators.seq2seq.encoding import one_target
from textseq.estimators.seq2seq.pair_estimator import PairEstimator, check_lengths
from textseq.estimators.seq2seq.pairs import CutPairs, GivenPairs
from textseq.estimators.seq2seq.start import fill_tables
from textseq.files import StrPath
from textseq.nn.captioning import STRIDE, CaptionNetwork, grid_of
from textseq.text.row_forms import read_rows
from textseq.text.tokenizer import Tokenizer
from textseq.text.vocabulary import Vocabulary

DEEP_SET = "deep_set"


def _check_filters(name: str, filters: Any) -> None:
    if isinstance(filters, str) or not isinstance(filters, Iterable) or not filters:
        raise ValueError(f"{name} must be a tuple of maps such as (32, 64), got {filters!r}")
    for maps in filters:
        check_count(f"a number of maps in {name}", maps)


@declared
class CaptionerParameters(
    DecoderParameters,
    TextLengthParameters,
    TokenizerParameters,
    RareTokenParameters,
    EmbeddingParameters,
    EncoderParameters,
    PoolingParameters,
    TyingParameters,
    TeacherParameters,
    ValidationParameters,
):
    """What a captioner lets choose."""

    source: str = changed(
        help="What is read: images of pixels; features of their places, as another network may "
        "have computed them; or one vector an image.",
        rule=one_of(*IMAGES),
        kw_only=False,
        default="image",
    )
    filters: tuple[int, ...] | str = param(
        Rule("tuple of int", _check_filters, several=True),
        "Maps of each convolution over an image, which halves its sides; what the last leaves are "
        'the places that are attended to. "auto" goes on until there are eight a side.',
        default="auto",
    )
    scoring: str = changed(default="exact_match")
    tokenizer: Any = changed("Of captions.", default="word")
    max_length: int | None = changed("Of each caption.", default=None)
    encoder: Any = changed(
        'What reads the places. "deep_set" reads each beside the maximum over all; the others '
        'read them in their order, as frames of a film are. "mean" and "max" go without attention.',
        default=DEEP_SET,
    )
    hidden_size: int | tuple[int, ...] | str = changed(
        "Of encoder and decoder; the decoder has the units of the encoder's last layer.",
        default=128,
    )
    num_layers: int | str = changed("Of the encoder; 2 of a deep set.", default="auto")
    pooling: str = changed("The decoder starts from it.", default="max")
    embedding_dim: int | str = changed(default=64)
    teacher_forcing: float = changed(
        "Below 1 training goes step by step, which is slower.", default=1.0
    )
    label_smoothing: float = changed(default=0.0)
    beam_size: int = changed(default=3)
    validation_fraction: float = changed(default=0.1)


@declared
class Captioner(CaptionerParameters, PairEstimator):
    """Say in words what an image shows.

    Convolutions make places of the pixels, an encoder reads the places, each of which knows its
    row and its column, and a recurrent decoder says the caption, each token after those before it
    and after what its attention reads of the places. A parameter of ``"auto"`` is decided from
    the data at ``fit``; ``fitted_parameters_`` tells what was decided.

    {parameters}

    Attributes
    ----------
    tokenizer_ : Tokenizer
    vocabulary_ : Vocabulary
    fitted_parameters_, history_, receipt_, interrupted_
        As in ``TextClassifier``.

    References
    ----------
    Xu et al. (2015), "Show, Attend and Tell: Neural Image Caption Generation with Visual
    Attention"; the encoder: Zaheer et al. (2017), "Deep Sets".

    Examples
    --------
    >>> dark, light = np.zeros((4, 4)), np.ones((4, 4))
    >>> images, captions = [dark, light] * 20, ["a dark image", "a light image"] * 20
    >>> model = Captioner(hidden_size=16, max_epochs=40, random_state=0)
    >>> model.fit(images, captions).predict([light, dark])
    ['a light image', 'a dark image']
    """

    network_kind = CaptionNetwork
    reads = "images"
    argument_names = ("X", "y")
    # An image has no words that training had not.
    unknown = "never"

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
        """Fit to images and their captions.

        Parameters
        ----------
        X : array-like of numbers
            Images of one size (n, rows, columns) or (n, rows, columns, channels). With
            ``source="places"`` features of places: (n, places, features), a grid of them
            (n, rows, columns, features), or a list of n arrays (places_i, features); with
            "vector" an array (n, features).
        y : list, column or array of n texts, or of n lists of tokens
        validation_data : tuple of (X, y), optional
            Chooses the best epoch, instead of ``validation_fraction`` of the images.
        {sharing}

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If images, captions or parameters are not usable; the message says what to do.
        """
        if has_workers(distributed):
            return distributed.fit(self, X, y, validation_data, checkpoint=checkpoint)
        with self.fitting(checkpoint, distributed):
            self._train(self.prepare(X, y, validation_data))
        return self

    def _resolved(self, values: Mapping[str, Any]) -> tuple[Any, bool]:
        if values["encoder"] != DEEP_SET:
            encoder, bidirectional = super()._resolved(values)
            check_attention(values["attention"], encoder, f"encoder={encoder!r}")
            return encoder, bidirectional
        # Its layers are checked as a recurrent encoder's are.
        _, bidirectional = super()._resolved({**values, "encoder": "lstm"})
        if bidirectional:
            raise ValueError(
                f"encoder={DEEP_SET!r} reads places in no order, and so in no direction; leave "
                "bidirectional=False"
            )
        return DEEP_SET, False

    def _pairs(self, X: Any, y: Any) -> GivenPairs:
        source, target = read_images(self.source, X), one_target(read_rows(y, "y"), "y")
        check_lengths(source, target, names=self.argument_names)
        how = self.lowercase, (1, 1), None, self.max_features
        return GivenPairs(source, target, self.source, (None, self.tokenizer), how)

    def _learn_source(self, pairs: CutPairs) -> ImageEncoding:
        assert isinstance(pairs.source, ImageRows)
        return ImageEncoding.learn(self.source, pairs.source)

    def _build(
        self, encoder: Any, bidirectional: bool, data: SequenceData, rng: np.random.Generator
    ) -> None:
        encoding = self._images
        image = encoding.size if self.source == "image" else None
        chosen = decide(self._given(), recipe(encoder, CaptionFacts(len(data), image)))
        self.fitted_parameters_ = chosen
        if image is not None:
            _check_size(image, chosen["filters"])
        recurrent = encoder == chosen["decoder"]
        self._build_network(
            int(data.lengths.max()),
            draw_seed(rng),
            embedding_dim=encoding.n_channels,
            image=None if image is None else list(image),
            columns=None if encoding.size is None else encoding.size[1],
            n_target_tokens=self.encoding_.target.n_ids,
            target_embedding_dim=int(self.embedding_dim),
            encoder=encoder,
            bidirectional=bidirectional,
            decoder_layers=int(chosen["num_layers"]) if recurrent else 1,
            attending_layer="first",
        )
        fill_tables(self.network_, rng)

    @property
    def _images(self) -> ImageEncoding:
        assert isinstance(self.encoding_.source, ImageEncoding)
        return self.encoding_.source

    @property
    def tokenizer_(self) -> Tokenizer:
        """The captions' fitted tokenizer."""
        return self.target_tokenizer_

    @property
    def vocabulary_(self) -> Vocabulary:
        """The captions' vocabulary, with the marks ``<bos>`` and ``<eos>``."""
        return self.target_vocabulary_

    def attention_map(self, src: Any) -> ImageAttention:  # type: ignore[override]
        """Return what the decoder looks at while it says the caption of one image.

        Parameters
        ----------
        src : one image, as an element of those that ``fit`` takes

        Returns
        -------
        ImageAttention
            ``weights`` (output tokens, rows, columns of places), ``output`` and ``plot()``.

        Raises
        ------
        ValueError
            If the model has no attention.
        """
        read, weights, output = self._attended(src)
        encoding, image = self._images, None
        grid = encoding.size or (1, weights.shape[1])
        if self.source == "image":
            assert isinstance(read, ImageRows) and encoding.shape is not None
            rows, columns = grid
            grid = grid_of(rows, columns, len(self.architecture_["filters"]))
            image = _drawable(read.values.reshape(encoding.shape))
        return ImageAttention(weights.reshape(-1, *grid), output, image)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = self.source == "vector"
        tags.input_tags.three_d_array = self.source != "vector"
        return tags


def _check_size(image: tuple[int, ...], filters: tuple[int, ...]) -> None:
    if min(image) < STRIDE ** len(filters):
        rows, columns = image
        raise ValueError(
            f"filters={tuple(filters)!r} halve an image {len(filters)} times, and one of {rows} x "
            f"{columns} pixels has nothing left then; name fewer, or use source='vector'"
        )


def _drawable(image: np.ndarray) -> np.ndarray:
    """Return an image (H, W, C) as figures draw it: grey or coloured, from 0 to 1."""
    shown = image[..., :3] if image.shape[-1] >= 3 else image[..., 0]
    low, high = float(min(shown.min(), 0.0)), float(shown.max())
    # Of bytes, of shares, or of whatever else.
    scale = 255.0 if low >= 0 and 1 < high <= 255 else max(high - low, 1.0)
    return (shown - low) / scale
