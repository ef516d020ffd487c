"""What "auto" stands for: the recipe, chosen on validation splits of many corpora."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from textseq.estimators.auto import batch_size, tcn_levels
from textseq.estimators.encoding.pretrained_transformer import PretrainedTransformer
from textseq.labels.decisions import is_tuned
from textseq.nn.bags import BAGS

MANY_CLASSES = 10  # each has fewer rows to learn from, so all are seen more often
FEW_TOKENS = 1_000  # characters rather than words
# Tokens that networks of many steps read of a training text in an epoch. Of two classes of long
# reviews they learned more from 200 than from 400, of twenty newsgroups less; characters say less
# each than words.
CROP_LENGTH, LONG_CROP_LENGTH = 200, 400
FEWEST_EPOCHS = 4
FEWEST_BAG_EPOCHS = 3
FEWEST_SUBWORD_EPOCHS = 8
FEWEST_TRANSFORMER_EPOCHS = 3
MOST_EPOCHS = 30
# The share of them that is answered right is known to a third of a point.
MOST_VALIDATION_ROWS = 20_000


@dataclass(frozen=True)
class TransformerFacts:
    """What the defaults may look at of a pretrained transformer.

    Parameters
    ----------
    pooling : str
        How its makers make one vector of a text.
    max_length : int
        Tokens that it reads of a text.
    unfreeze : str
        As it was given.
    """

    pooling: str
    max_length: int
    unfreeze: str

    @classmethod
    def of(cls, pretrained: Any, parameters: Mapping[str, Any]) -> Self | None:
        """Read them off what a model starts from, if that is a transformer."""
        if not isinstance(pretrained, PretrainedTransformer):
            return None
        max_length = pretrained.check_length(parameters["max_length"])
        return cls(pretrained.folder.pooling, max_length, parameters["unfreeze"])


@dataclass(frozen=True)
class DataFacts:
    """What the defaults may look at.

    Parameters
    ----------
    n_rows : int
        Training rows.
    n_outputs : int
        Classes, labels, or 1.
    n_tokens : int
        Distinct tokens of the training texts.
    long_text : float
        Length, in tokens, that 95 % of the training texts do not exceed.
    pretrained : bool
        Whether the word vectors are pretrained.
    transferred : bool
        Whether embeddings and encoder are.
    subword : bool
        Whether the vectors are those of a table of subwords.
    single : bool
        Whether a row is one text, of tokens that are no n-grams yet.
    transformer : TransformerFacts, optional
        What a pretrained transformer is like, if there is one.
    """

    n_rows: int
    n_outputs: int
    n_tokens: int
    long_text: float
    pretrained: bool
    transferred: bool = False
    subword: bool = False
    single: bool = True
    transformer: TransformerFacts | None = None


def recipe(encoder: Any, pooling: str, facts: DataFacts) -> dict[str, Any]:
    """Return what "auto" stands for.

    Parameters
    ----------
    encoder : str or class
        Without shorthand.
    pooling : str
        As it was given.
    facts : DataFacts

    Returns
    -------
    dict
        Parameters by name.
    """
    # N-grams tell what networks do not see: of nearly every corpus and size that was tried.
    wide = "ngrams" if facts.single else None
    if encoder == "transformer":
        assert facts.transformer is not None
        return _transformer_recipe(facts, facts.transformer) | {"wide": wide}
    if isinstance(encoder, str) and encoder in BAGS:
        found = _bag_recipe(facts)
        if facts.pretrained:
            found = (_subword_bag_recipe if facts.subword else _pretrained_bag_recipe)(facts)
    elif encoder == "tcn":
        found = _recurrent_recipe(facts) | {"num_layers": _levels(facts, pooling)}
    else:
        found = _recurrent_recipe(facts)
    found |= {"pooling": "max", "unfreeze": "gradual", "rate_decay": 2.6}
    found = {"max_length": None, "crop_length": None, "head_sizes": (), "normalization": None,
             "wide": wide} | found  # fmt: skip
    if facts.transformer is not None:
        return found | _states_recipe(facts.transformer)
    return found | _transfer_recipe() if facts.transferred else found


def validation_share(
    encoder: Any, subword: bool, parameters: Mapping[str, Any], n_rows: int
) -> float:
    """Return the share of the rows that choose the best epoch, where it was not given.

    By itself the mean of a table of subwords learns in so few passes, by a schedule that ends at a
    rate of 0, that its last epoch is the best but for noise: from all of 1,000 rows it answered
    half a point more of the validation parts of seven corpora than from nine tenths, of 5,000 a
    sixth.

    Parameters
    ----------
    encoder : str or class
        Without shorthand.
    subword : bool
        Whether the vectors are those of a table of subwords.
    parameters : mapping of str to value
        Before "auto" is decided.
    n_rows : int
        Of very many, a smaller share tells the epochs apart.
    """
    chosen = [parameters["scoring"], parameters["patience"], parameters.get("calibrate") or None]
    chosen += [True] if is_tuned(parameters.get("decision_threshold")) else []
    needed = any(value not in (None, "auto") for value in chosen) or parameters["wide"] is not None
    tuned = parameters["recipe"] == "tuned"
    means_subwords = subword and isinstance(encoder, str) and encoder in BAGS
    none = means_subwords and tuned and not needed
    return 0.0 if none else min(0.1, MOST_VALIDATION_ROWS / max(n_rows, 1))


def _recurrent_recipe(facts: DataFacts) -> dict[str, Any]:
    return {
        "crop_length": _crop_length(facts),
        "num_layers": 1,
        "learning_rate": 4e-3 if facts.n_outputs >= MANY_CLASSES else 2e-3,
        "max_epochs": _epochs(facts, rows_to_see=90_000),
        "batch_size": batch_size(facts.n_rows),
        "schedule": "one_cycle",
        # Characters are few and each is seen often: hiding them costs more than it guards.
        "embedding_dropout": 0.1 if facts.n_tokens < FEW_TOKENS else 0.3,
        "dropout": 0.5,
        "patience": None,
    }


def _bag_recipe(facts: DataFacts) -> dict[str, Any]:
    """Fewer passes: vectors that start from nothing soon know the training texts by heart."""
    many = facts.n_outputs >= MANY_CLASSES
    epochs = round((100_000 if many else 50_000) / facts.n_rows)
    return {
        "num_layers": 1,
        "learning_rate": 2e-2 if many else 1e-2,
        "max_epochs": min(max(epochs, FEWEST_BAG_EPOCHS), MOST_EPOCHS),
        "batch_size": batch_size(facts.n_rows),
        "schedule": "one_cycle",
        "embedding_dropout": 0.2 if many else 0.3,
        "dropout": 0.3 if many else 0.5,
        "patience": None,
    }


def _pretrained_bag_recipe(facts: DataFacts) -> dict[str, Any]:
    return {
        "num_layers": 1,
        "learning_rate": 1e-2,
        "max_epochs": _epochs(facts, rows_to_see=100_000),
        "batch_size": batch_size(facts.n_rows),
        "schedule": "one_cycle",
        "embedding_dropout": 0.3,
        "dropout": 0.5,
        "patience": None,
    }


def _subword_bag_recipe(facts: DataFacts) -> dict[str, Any]:
    """Slower than word vectors learn, under a hidden layer: these tables were made for means.

    They were made for means of length 1, too, in which a long text counts as much as a short one.
    """
    many = facts.n_outputs >= MANY_CLASSES
    epochs = _epochs(facts, rows_to_see=50_000 if many else 12_000, fewest=FEWEST_SUBWORD_EPOCHS)
    return _pretrained_bag_recipe(facts) | {
        "learning_rate": 1e-3,
        "max_epochs": epochs,
        "dropout": 0.2 if many else 0.0,
        "head_sizes": (512,),
        "normalization": "l2",
    }


def _transfer_recipe() -> dict[str, Any]:
    """As Howard & Ruder (2018) have it, with epochs and rate not yet chosen by validation."""
    return {
        "pooling": "concat",
        "learning_rate": 2e-3,
        "max_epochs": 15,
        "batch_size": 16,
        "schedule": "slanted_triangular",
        "embedding_dropout": 0.3,
        "dropout": 0.5,
    }


def _states_recipe(transformer: TransformerFacts) -> dict[str, Any]:
    """Say what is else where a frozen transformer's states are read in place of word vectors."""
    return {
        "max_length": transformer.max_length,
        "crop_length": None,
        "unfreeze": "none",
        "rate_decay": 1.0,
        "learning_rate": 4e-3,
        "embedding_dropout": 0.0,
    }


def _transformer_recipe(facts: DataFacts, transformer: TransformerFacts) -> dict[str, Any]:
    """As Devlin et al. (2019) fine-tune, appendix A.3; a frozen one's head learns for longer."""
    found = {
        "head_sizes": (),
        "normalization": None,
        "pooling": transformer.pooling,
        "max_length": transformer.max_length,
        "crop_length": None,
        "unfreeze": "all",
        "rate_decay": 1.0,
        "learning_rate": 1e-4,
        "max_epochs": _epochs(facts, rows_to_see=6_000, fewest=FEWEST_TRANSFORMER_EPOCHS),
        "batch_size": 16,
        "schedule": "slanted_triangular",
        "embedding_dropout": 0.0,
        "dropout": 0.1,
        "patience": None,
    }
    if transformer.unfreeze == "none":
        found |= {
            "learning_rate": 1e-2,
            "max_epochs": _epochs(facts, rows_to_see=100_000),
            "schedule": "one_cycle",
        }
    return found


def _levels(facts: DataFacts, pooling: str) -> int:
    """Two levels, each of whose states sees 13 tokens; more only where the last must see all."""
    return (
        tcn_levels(min(facts.long_text, _crop_length(facts)), fewest=2) if pooling == "last" else 2
    )


def _crop_length(facts: DataFacts) -> int:
    many = facts.n_outputs >= MANY_CLASSES or facts.n_tokens < FEW_TOKENS
    return LONG_CROP_LENGTH if many else CROP_LENGTH


def _epochs(facts: DataFacts, rows_to_see: int, fewest: int = FEWEST_EPOCHS) -> int:
    """Enough passes to see so many rows: small sets need more of them."""
    if facts.n_outputs >= MANY_CLASSES:
        rows_to_see *= 3
    return min(max(round(rows_to_see / facts.n_rows), fewest), MOST_EPOCHS)
