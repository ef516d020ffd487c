"""Tables of subwords, made of sentence encoders by model2vec."""

from __future__ import annotations

import tempfile
from pathlib import Path

from textseq.text.hub_cache import cached_snapshot
from textseq.text.vectors.files import VectorFileError


def distill_encoder(encoder: str | Path, out: Path, dim: int = 256) -> Path:
    """Make a table of a sentence encoder: what it makes of each of its tokens, alone.

    The vectors are projected on their ``dim`` principal components and weighted down the commoner
    their tokens are, as model2vec does it. No code of the encoder's own is run.

    Parameters
    ----------
    encoder : str or Path
        A folder that transformers opens, or the name of one in Hugging Face's cache.
    out : Path
        The folder to make, which ``load_vectors`` opens; it appears when it is complete.
    dim : int, default 256
        Numbers a token, at most as many as the encoder's states have.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ImportError
        If model2vec or what it distils with is missing.
    VectorFileError
        If there is no such encoder.
    FileExistsError
        If ``out`` is there already.

    References
    ----------
    Tulkens & van Dongen (2024), "Model2Vec: Fast State-of-the-Art Static Embeddings".
    """
    folder = Path(encoder).expanduser()
    if not folder.is_dir():
        folder = cached_snapshot(str(encoder)) or folder
    if not (folder / "config.json").is_file():
        raise VectorFileError(
            f"{encoder} is no folder with a config.json, nor the name of a model in Hugging Face's "
            "cache; name the folder of a sentence encoder"
        )
    if out.exists():
        raise FileExistsError(f"{out} is there already; name a folder to make")
    try:
        from model2vec.distill import distill
    except ImportError as error:
        raise ImportError(
            f'distilling needs model2vec ({error}): pip install "textseq[distill]"'
        ) from error
    table = distill(str(folder), pca_dims=dim, device="cpu", quantize_to="float32")
    out = out.absolute()
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as waiting:
        place = Path(waiting) / out.name
        table.save_pretrained(place)
        place.rename(out)
    return out
