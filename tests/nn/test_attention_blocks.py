"""Attention in blocks against all steps at once, and what is held meanwhile."""

import pytest
import torch
from largest_tensor import LargestTensor

from textseq.nn import attention as at_once
from textseq.nn import attention_blocks
from textseq.nn.attention import ATTENTIONS, Attention

# A step of a row; a part of a row; a row and a part, so that blocks have one row; two rows; all.
BLOCKS = [1, 60, 150, 600, 2**18]
LENGTHS = torch.tensor([5, 0, 2, 4])


def drawn(score, n_targets=6, dtype=torch.float64):
    torch.manual_seed(0)
    attention = Attention(score, query_size=3, source_size=4).to(dtype)
    queries = torch.randn(4, n_targets, 3, dtype=dtype, requires_grad=True)
    states = torch.randn(4, 5, 4, dtype=dtype, requires_grad=True)
    return attention, queries, states


def both(monkeypatch, block, compute):
    """Return what is computed with all steps at once, and in blocks of so many numbers."""
    monkeypatch.setattr(at_once, "SMALL", 2**40)
    whole = compute()
    monkeypatch.setattr(at_once, "SMALL", -1)
    monkeypatch.setattr(attention_blocks, "BLOCK", block)
    return whole, compute()


@pytest.mark.parametrize("score", ATTENTIONS)
@pytest.mark.parametrize("block", BLOCKS)
def test_blocks_give_the_contexts_weights_and_gradients_of_all_at_once(monkeypatch, block, score):
    attention, queries, states = drawn(score)
    by = torch.randn(4, 6, 4, dtype=torch.float64)

    def compute():
        contexts, weights = attention(queries, attention.memory(states, LENGTHS))
        wanted = [queries, states, *attention.parameters()]
        return [contexts, weights, *torch.autograd.grad((contexts * by).sum(), wanted)]

    for whole, blocked in zip(*both(monkeypatch, block, compute), strict=True):
        torch.testing.assert_close(blocked, whole, rtol=0, atol=1e-14)


@pytest.mark.parametrize("score", ATTENTIONS)
@pytest.mark.parametrize("block", BLOCKS)
def test_gradients(monkeypatch, block, score):
    monkeypatch.setattr(at_once, "SMALL", -1)
    monkeypatch.setattr(attention_blocks, "BLOCK", block)
    attention, queries, states = drawn(score, n_targets=3)

    def contexts(queries, states, *weights):
        return attention(queries, attention.memory(states, LENGTHS))[0]

    assert torch.autograd.gradcheck(contexts, (queries, states, *attention.parameters()))


@pytest.mark.parametrize("score", ATTENTIONS)
def test_the_gradient_can_be_taken_twice(monkeypatch, score):
    monkeypatch.setattr(at_once, "SMALL", -1)
    attention, queries, states = drawn(score)
    loss = attention(queries, attention.memory(states, LENGTHS))[0].square().sum()
    first = torch.autograd.grad(loss, [queries, states], retain_graph=True)
    for one, other in zip(first, torch.autograd.grad(loss, [queries, states]), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("score", ATTENTIONS)
def test_a_row_is_the_same_beside_others_and_with_more_padding(monkeypatch, score):
    monkeypatch.setattr(at_once, "SMALL", -1)
    monkeypatch.setattr(attention_blocks, "BLOCK", 150)
    attention, queries, states = drawn(score)
    padded = torch.cat([states, torch.full((4, 3, 4), torch.nan, dtype=torch.float64)], dim=1)
    with torch.no_grad():
        together, weights = attention(queries, attention.memory(padded, LENGTHS))
        assert not weights[:, :, 5:].any()
        for row, length in enumerate(LENGTHS.tolist()):
            own = slice(row, row + 1)
            memory = attention.memory(states[own, :length], LENGTHS[own])
            alone, weights_alone = attention(queries[own], memory)
            torch.testing.assert_close(alone, together[own], rtol=0, atol=1e-15)
            torch.testing.assert_close(weights_alone, weights[own, :, :length], rtol=0, atol=1e-15)


@pytest.mark.parametrize("score", ATTENTIONS)
def test_large_scores_are_numbers(monkeypatch, score):
    attention, queries, states = drawn(score, dtype=torch.float32)

    def compute():
        memory = attention.memory(states * 1e4, LENGTHS)
        contexts = attention(queries * 1e4, memory)[0]
        return [contexts, *torch.autograd.grad(contexts.sum(), [queries, states])]

    assert all(part.isfinite().all() for part in both(monkeypatch, 60, compute)[1])


def test_nothing_to_attend_to_and_nothing_to_say(monkeypatch):
    monkeypatch.setattr(at_once, "SMALL", -1)
    for score in ATTENTIONS:
        attention, queries, states = drawn(score)
        nothing = attention.memory(states[:, :0], torch.zeros(4, dtype=torch.int64))
        contexts, weights = attention(queries, nothing)
        assert not contexts.any() and weights.shape == (4, 6, 0)
        contexts.sum().backward()
        memory = attention.memory(states, LENGTHS)
        assert attention(queries[:, :0], memory)[0].shape == (4, 0, 4)


@pytest.mark.parametrize("score", ATTENTIONS)
def test_no_more_than_a_block_is_held(monkeypatch, score):
    monkeypatch.setattr(attention_blocks, "BLOCK", 2**12)
    attention = Attention(score, query_size=8, source_size=8)
    queries = torch.randn(2, 400, 8, requires_grad=True)
    states = torch.randn(2, 300, 8, requires_grad=True)
    with LargestTensor() as largest:
        memory = attention.memory(states, torch.tensor([300, 200]))
        contexts, _ = attention(queries, memory, keep_weights=False)
        torch.autograd.grad(contexts.sum(), [queries, states, *attention.parameters()])
    assert largest.size <= 2 * 400 * 8  # 2 x 400 x 300 weights are 37 times as many


@pytest.mark.parametrize("score", ATTENTIONS)
def test_steps_one_by_one_keep_no_sums_for_the_gradient(score):
    attention, queries, states = drawn(score, n_targets=30)
    memory = attention.memory(states, LENGTHS)
    kept = []

    def keep(tensor):
        kept.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        for step in range(30):
            attention(queries[:, step : step + 1], memory, keep_weights=False)
    shapes = {part.shape for part in kept}
    assert torch.Size([4, 1, 5, 3]) not in shapes and torch.Size([4, 1, 5]) not in shapes
