import numpy as np
import pytest
import torch

from textseq import TextClassifier, load_model
from textseq.training.devices import choose_device, device_of, mixed_precision, placed, sent

CPU = torch.device("cpu")


def test_auto_is_a_gpu_where_there_is_one(monkeypatch):
    assert choose_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")
    for found, kind in ((True, "cuda"), (False, "cpu")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda found=found: found)
        assert choose_device("auto").type == kind
        assert choose_device("cpu") == CPU


def test_a_device_that_is_not_there_says_so(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="device='cuda:1', but torch finds no GPU here"):
        choose_device("cuda:1")
    for name in ("gpu", "meta", None):
        with pytest.raises(ValueError, match="is none; use 'auto', 'cpu', 'cuda'"):
            choose_device(name)
    with pytest.raises(ValueError, match="device='gpu'"):
        TextClassifier(device="gpu").fit(["a", "b"], [0, 1])


def test_a_network_comes_back_from_where_it_was_placed():
    class Traveller(torch.nn.Linear):
        def to(self, device):
            visited.append(str(device))

    visited, network = [], Traveller(2, 3)
    with pytest.raises(KeyError), placed(network, torch.device("cuda")):
        assert visited == ["cuda"]
        raise KeyError
    assert visited == ["cuda", "cpu"]
    with placed(network, CPU):
        assert device_of(network) == CPU
    assert visited == ["cuda", "cpu"]


def test_on_the_cpu_arrays_are_shared_and_precision_is_whole():
    values = np.arange(3)
    sent(values, CPU)[1] = 7
    assert values.tolist() == [0, 7, 2]
    with mixed_precision(CPU):
        product = torch.ones(2, 2) @ torch.ones(2, 2)
    assert product.dtype == torch.float32


def test_a_model_file_does_not_tie_a_model_to_its_device(tmp_path):
    texts, labels = ["good film", "bad film"] * 10, [1, 0] * 10
    model = TextClassifier(encoder="lstm", max_epochs=1, device="cpu", random_state=0)
    path = model.fit(texts, labels).save(tmp_path / "m.textseq")
    assert model.receipt_["device"] == "cpu"
    assert load_model(path).device == "auto"
    same = TextClassifier(encoder="lstm", max_epochs=1, device="cpu", random_state=0)
    assert same.fit(texts, labels).receipt_["weights_sha256"] == model.receipt_["weights_sha256"]
