"""What a fitted model is, in lines."""

from __future__ import annotations

from typing import Any

from textseq.cli.receipts import best_epochs

# What a row is called, by what a model reads.
_ROWS = {"steps": "sentence", "sources": "pair"}


def summary_of(estimator: Any, name: str) -> list[str]:
    """Tell in lines what the model is, what it reads and how it was fitted."""
    from textseq.comparison.wording import count_text

    receipt = estimator.receipt_
    n_members = len(estimator.networks)
    parts = _network(estimator.architecture_, name, n_members)
    parts.append(f"{count_text(estimator.n_parameters_)} weights")
    score = receipt["validation_score"]
    validated = "" if score is None else f", validation {receipt['score_name']} {score:.3f}"
    epochs = f"epoch{'s' if n_members > 1 else ''} {best_epochs(receipt)}"
    epochs += f" of {receipt['epochs']} kept"
    rows = _ROWS.get(estimator.reads, "text") + ("" if receipt["rows"] == 1 else "s")
    return [
        ", ".join(parts),
        f"{_reading(estimator)}.",
        f"Fitted on {receipt['rows']:,} {rows}: {epochs}{validated}.",
    ]


def _network(built: dict[str, Any], name: str, n_members: int) -> list[str]:
    """Say what the network is made of."""
    from textseq.comparison.wording import listed

    encoder, bidirectional = built["encoder"], built.get("bidirectional", False)
    times = "" if n_members == 1 else f"{n_members} times "
    parts = [f"{name}: {times}{'bi' if bidirectional else ''}{encoder}"]
    if encoder not in ("mean", "max"):
        layers = f"{built['num_layers']} layer{'s' if built['num_layers'] > 1 else ''}"
        each = " each way" if bidirectional else ""
        sizes = built["hidden_size"]
        if isinstance(sizes, list):
            sizes = listed([str(size) for size in sizes], most=len(sizes))
        parts.append(f"{layers} of {sizes} units{each}")
    if "decoder" in built:
        attention = built["attention"]
        how = "without attention" if attention is None else f"with {attention} attention"
        parts.append(f"{built['decoder']} decoder {how}")
    return parts


def _reading(estimator: Any) -> str:
    """Say what the model reads, and what it answers."""
    from textseq.comparison.wording import listed

    names = [str(name) for name in getattr(estimator, "classes_", [])]
    if estimator.reads == "steps":
        return f"Reads rows of tokens; the tags of these are {listed(names, most=6)}"
    encoding = estimator.encoding_
    length = (encoding.source if estimator.reads == "sources" else encoding).max_length
    kind = estimator.tokenizer_.kind
    reads = "Reads all" if length is None else f"Reads the first {length:,}"
    reads += f"{f' {kind}' if isinstance(kind, str) else ''} tokens of a "
    reads += "source" if estimator.reads == "sources" else "text"
    if estimator.reads == "running text":
        return f"{reads} and says what comes next"
    return f"{reads}; its labels are {listed(names, most=6)}" if names else reads
