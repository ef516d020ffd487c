"""What the model files beside this script say: `python said.py > answers.json`.

They were saved by the first version of the file format. Newer versions of textseq open them and
give the same answers, so neither the files nor the answers are ever made anew.
"""

import json
import sys
from pathlib import Path

import numpy as np

from textseq import load_model

TEXTS = ["a good film, café", "it’s a bad plot", "so good ! 電影", "a new word"]
SERIES = np.round(np.random.default_rng(1).normal(size=(3, 2, 7)), 2)
FOLDER = Path(__file__).parent


def answers(path):
    """Return what a model says of a few rows, as JSON holds it."""
    model, name = load_model(path), path.stem
    if name in ("language", "pieces"):
        return {
            "scores": model.score_samples(TEXTS).tolist(),
            "text": model.generate("so", 5, random_state=0),
        }
    if name in ("forecaster", "recursive"):
        table = model.predict(level=[80, 95])
        times = {column: table[column].astype(str).tolist() for column in ("unique_id", "ds")}
        return table.drop(columns=list(times)).to_dict("list") | times
    rows = TEXTS
    if name == "tagger":
        rows = [text.split() for text in TEXTS]
    elif name == "pairs":
        rows = [[text, text] for text in TEXTS]
    elif name.startswith("series"):
        rows = SERIES
    said = {"answers": [np.asarray(answer).tolist() for answer in model.predict(rows)]}
    if hasattr(model, "classes_") and name != "tagger":
        said["shares"] = model.predict_proba(rows).tolist()
    return said


if __name__ == "__main__":
    found = {path.stem: answers(path) for path in sorted(FOLDER.glob("*.textseq"))}
    json.dump(found, sys.stdout, indent=1, ensure_ascii=False)
