"""Texts without labels: what a first fit says of them is what a second one learns from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import is_regressor
from sklearn.linear_model import LogisticRegression

from textseq.batches import NetworkRows
from textseq.estimators.encoding.text import cut
from textseq.estimators.encoding.text_rows import TextRows
from textseq.estimators.sequence.fit_rows import FitRows
from textseq.estimators.sequence.wide_estimator import PreparedTexts, WideEstimator
from textseq.text.tokens import Tokens
from textseq.text.vectors.documents import RARE, train_document_vectors

# Tokens of a text, on average, from which on its vector says something of it: of ten words (sst2,
# banking77) it said nothing, of forty (ag_news10k) less than the words, of 230 (imdb) more.
LONG = 100
# What a label that somebody gave counts for, against one that the fit is certain of. On imdb what
# the texts were then taken for was right more often than with 1: by .3 points with 3, .5 with 10.
LABELLED = 3.0
# Tokens that vectors are learned from at most, in some minutes; of more texts, the first.
MOST_TOKENS = 20_000_000


@dataclass(frozen=True, eq=False)
class AssumedRows:
    """Texts, and what a fit takes to be their targets.

    Parameters
    ----------
    rows : TextRows
    targets : ndarray of shape (n,) or (n, n_labels)
        As the estimator encodes them.
    weights : ndarray of shape (n,)
        How sure the fit is of each, from 0 to 1.
    seed : int
        Of that fit, whose validation rows are to be those of the next.
    """

    rows: TextRows
    targets: np.ndarray
    weights: np.ndarray
    seed: int

    def __len__(self) -> int:
        return len(self.targets)

    def behind(
        self, rows: TextRows, targets: np.ndarray, counted: FitRows
    ) -> tuple[TextRows, np.ndarray, FitRows]:
        """Return the caller's rows with these behind them."""
        own = np.ones(len(targets)) if counted.weights is None else counted.weights
        weights = np.concatenate([LABELLED * own / own.mean(), self.weights])
        together = FitRows(np.arange(len(weights)), weights, None)
        more = self.targets.astype(targets.dtype)
        return rows.followed_by(self.rows), np.concatenate([targets, more]), together


def read_unlabelled(model: WideEstimator, own: TextRows, unlabelled: Any) -> TextRows:
    """Read unlabelled texts as those with labels, or refuse them before anything is trained."""
    if is_regressor(model):
        raise ValueError(
            f"unlabelled= lets a classifier learn from texts that it is sure of, and "
            f"{type(model).__name__} tells of no number how sure it is; leave unlabelled out, or "
            "have a LanguageModel read these texts and start from it: pretrained=..."
        )
    if model._goes_on:
        raise ValueError(
            "unlabelled= fits twice, each time anew, and warm_start=True goes on from a fit; set "
            "warm_start=False, or leave unlabelled out"
        )
    kinds = None if own.columns is None else own.columns.kinds
    more = TextRows.like(unlabelled, "unlabelled", own.names or None, kinds)
    if len(own.fields) != len(more.fields):
        raise ValueError(
            f"unlabelled has {len(more.fields)} columns of texts, and X has {len(own.fields)}; "
            "give as many"
        )
    if len(own.texts) != len(more.texts):
        raise ValueError("X and unlabelled must both be texts, or both be tokens")
    return more


def assume(
    model: WideEstimator,
    own: TextRows,
    prepared: PreparedTexts,
    more: TextRows,
) -> AssumedRows:
    """Take what a fitted model says of unlabelled texts for their targets.

    Parameters
    ----------
    model : WideEstimator
        A classifier.
    own : TextRows
        What it was given to fit to.
    prepared : PreparedTexts
        What it was fitted by.
    more : TextRows
        Unlabelled.

    References
    ----------
    Lee (2013), "Pseudo-Label"; the weights, and the vectors as a second view of the texts: Blum &
    Mitchell (1998), "Combining Labeled and Unlabeled Data with Co-Training".
    """
    outputs = model._outputs(more)
    kind, n_outputs = model.target_kind()
    if kind == "classes" and len(more.fields) == 1:
        (learned,), (others,) = own.take(prepared.labelled).fields, more.fields
        tokenizer = model.encoding_.tokenizer
        tokens = cut(tokenizer, learned), cut(tokenizer, others)
        seen = _seen_by_vectors(*tokens, prepared.rows, n_outputs, prepared.seed)
        # Where neither knew of the other, log odds of a class would add up.
        outputs[: len(seen)] += seen
    answers = model.answers(outputs)
    if kind == "labels":
        sure = np.abs(2 * answers - 1).mean(1)
        return AssumedRows(more, outputs > 0, sure, prepared.seed)
    # 0 where no class is likelier than another, 1 where one is certain.
    luck = 1 / answers.shape[1]
    sure = (answers.max(1) - luck) / (1 - luck)
    return AssumedRows(more, outputs.argmax(1), sure, prepared.seed)


def keep_better(model: WideEstimator, first: WideEstimator, assumed: AssumedRows) -> None:
    """Make a model fitted to unlabelled texts the one fitted before, if that validates better.

    Parameters
    ----------
    model : WideEstimator
        Its receipt tells which it is.
    first : WideEstimator
        A copy of what it was after its fit to labelled texts alone.
    assumed : AssumedRows
    """
    before, after = (fit.receipt_["validation_score"] for fit in (first, model))
    # Without validation rows, what the caller asked for stays.
    stays = before is None or after >= before
    if not stays:
        model.__dict__.clear()  # of what the second fit alone has, too
        model.__dict__.update(first.__dict__)
    model.receipt_["unlabelled"] = {
        "rows": len(assumed),
        "learned_from": stays,
        "data_sha256": assumed.rows.fingerprint(assumed.targets[:0]),
        "validation_score_without": before,
    }


def _seen_by_vectors(
    own: Tokens, more: Tokens, learned: NetworkRows, n_classes: int, seed: int
) -> np.ndarray:
    """Return what a linear model of document vectors answers for unlabelled texts.

    Parameters
    ----------
    own, more : Tokens
        Of the texts that it learns from, and of those that it answers for.
    learned : NetworkRows
        The first ones' classes and weights.
    n_classes, seed : int

    Returns
    -------
    ndarray of shape (n, n_classes)
        Logits of the first n texts: of none, where texts are short.
    """
    tokens, targets = Tokens.concat([own, more]), learned.targets
    assert targets is not None
    n_read = int(np.searchsorted(np.cumsum(tokens.lengths), MOST_TOKENS, side="right"))
    usable = len(np.unique(targets)) == n_classes and tokens.tally()[0].max(initial=0) >= RARE
    if tokens.lengths.mean() < LONG or n_read <= len(own) or not usable:
        return np.empty((0, n_classes))
    vectors = train_document_vectors(tokens.take(np.arange(n_read)), seed)
    model = LogisticRegression(max_iter=1_000)
    model.fit(vectors[: len(own)], targets, learned.weights)
    log_odds = model.decision_function(vectors[len(own) :])
    return log_odds if log_odds.ndim == 2 else np.outer(log_odds, [-0.5, 0.5])
