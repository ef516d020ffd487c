import numpy as np
import torch

from textseq.nn.ctc import ctc_losses
from textseq.nn.transcription import TranscriptionNetwork
from textseq.training.threads import ThreadTeam

OPTIONS = {"n_tokens": 0, "representation": "numbers", "embedding_dim": 4, "n_outputs": 3}
FRAMES, OFFSETS = torch.randn(9, 4, generator=torch.Generator().manual_seed(0)), [0, 3, 9]
SYMBOLS, COUNTS = torch.tensor([1, 2, 2]), [0, 2, 3]


def network(**own):
    torch.manual_seed(0)
    return TranscriptionNetwork(**OPTIONS, hidden_size=5, bidirectional=True, **own).eval()


def test_losses_are_a_symbol_and_errors_those_of_the_best_path():
    net = network()
    with ThreadTeam(1), torch.no_grad():
        outputs = net([(FRAMES, torch.tensor(OFFSETS), SYMBOLS, torch.tensor(COUNTS))])
        log_p = net.log_probabilities([(FRAMES, torch.tensor(OFFSETS))])
    for row, (begin, end) in enumerate([(0, 3), (3, 9)]):
        own = SYMBOLS[COUNTS[row] : COUNTS[row + 1]]
        loss = ctc_losses(
            log_p[None, begin:end], torch.tensor([end - begin]), own, torch.tensor([len(own)])
        )
        np.testing.assert_allclose(outputs[row, 0], loss[0] / len(own), rtol=1e-6)
        assert outputs[row, 2] == len(own)
    assert (outputs[:, 1] >= 0).all()


def test_a_row_alone_says_what_it_says_in_a_batch():
    net = network()
    with ThreadTeam(1), torch.no_grad():
        both = net.log_probabilities([(FRAMES, torch.tensor(OFFSETS))])
        alone = net.log_probabilities([(FRAMES[:3], torch.tensor([0, 3]))])
    torch.testing.assert_close(both[:3], alone)


def test_training_gives_one_loss_a_row_with_a_gradient():
    net = network().train()
    with ThreadTeam(1):
        outputs = net([(FRAMES, torch.tensor(OFFSETS), SYMBOLS, torch.tensor(COUNTS))])
        gradients = torch.autograd.grad(outputs.sum(), list(net.parameters()))
    assert outputs.shape == (2, 1)
    assert all(bool(gradient.any()) for gradient in gradients)
