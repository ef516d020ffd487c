"""Parameters of transcribers."""

from __future__ import annotations

from typing import Any

from textseq.estimators.declared import (
    ABOVE_ZERO,
    FLAG,
    changed,
    count,
    declared,
    number,
    one_of,
    param,
)
from textseq.estimators.parameters import (
    EncoderParameters,
    TrainingParameters,
    ValidationParameters,
)

SYMBOLS = ("char", "word")
# How far frames may be bent: beyond it speech is no speech.
_PERTURBATION = number(under=0.7)


@declared
class TranscriberParameters(EncoderParameters, TrainingParameters, ValidationParameters):
    """What a transcriber lets choose."""

    symbol: str = param(
        one_of(*SYMBOLS),
        "What texts are of: characters, spaces among them, or words, apart by spaces, of which "
        "only those that were met are known. Lists of strings, such as phones, are symbols as "
        "they stand.",
        kw_only=False,
        default="char",
    )
    sample_rate: int | None = param(
        count(),
        "Samples a second that waves are read at: those of another rate are resampled, and arrays "
        "that tell none have it. None is that of the first training wave that tells its own.",
        default=None,
    )
    n_mels: int = param(count(2), "Bands of a frame, evenly spaced on the mel scale.", default=40)
    window: float = param(ABOVE_ZERO, "Seconds that a frame is of.", default=0.025)
    hop: float = param(ABOVE_ZERO, "Seconds from one frame to the next.", default=0.010)
    deltas: bool = param(
        FLAG, "Whether frames have, behind their bands, how each changes over time.", default=False
    )
    stride: int = param(
        count(),
        "Frames that are read side by side as one step: a symbol needs a step at least, and two "
        "of a kind in a row need one between them.",
        default=4,
    )
    speed_perturbation: float = param(
        _PERTURBATION,
        "How much faster or slower training reads each wave, drawn anew in each epoch: up to this, "
        "as a natural logarithm.",
        default=0.15,
    )
    vocal_tract_perturbation: float = param(
        _PERTURBATION,
        "How much higher or lower training reads the frequencies of each wave, as of people with a "
        "shorter or longer vocal tract; likewise. For people who were not met it matters most.",
        default=0.15,
    )
    noise: bool = param(
        FLAG,
        "Whether training adds noise of drawn strength and colour to waves.",
        default=True,
    )
    masks: int = param(
        count(0),
        "Stretches of bands, and as many of time, that training hides of each wave.",
        default=1,
    )
    join: int = param(
        count(),
        "Most waves that training reads as one, drawn anew in each epoch, with pauses between "
        "them: of waves of single words are learned sentences. ``fit(groups=)`` joins each "
        "speaker's own.",
        default=1,
    )
    encoder: Any = changed(
        '"mean" and "max", which make one vector of a whole wave, have no symbols to give.',
        default="bigru",
    )
    hidden_size: int | tuple[int, ...] | str = changed(default=96)
