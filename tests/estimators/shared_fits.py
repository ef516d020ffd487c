"""Fits that processes started together share; run by torchrun: shared_fits.py FOLDER NAME..."""

import json
import os
import sys
from pathlib import Path

from test_checkpoint import FITS, SMALL

from textseq import Distributed


def main():
    """Write what each fit came to, as the process of each rank has it."""
    folder, *names = sys.argv[1:]
    rank, found = os.environ["RANK"], {}
    more, checkpoint = json.loads(os.environ.get("MORE", "{}")), os.environ.get("CHECKPOINT")
    for name in names:
        kind, own, data = FITS[name]
        if "OTHER_DATA" in os.environ and rank == "1":
            data = ["other", *data[0][1:]], *data[1:]
        model = kind(**SMALL | own | {"n_threads": 1} | more)
        model.fit(*data, distributed=Distributed(), checkpoint=checkpoint)
        receipt = model.receipt_
        found[name] = [receipt["weights_sha256"], receipt["n_threads"], receipt["n_workers"]]
        found[name].append(model.history_["loss"].tolist())
    Path(folder, f"{rank}.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main()
