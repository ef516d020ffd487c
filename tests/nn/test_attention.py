"""Attention against its equations written out, and what padding may not do to it."""

import pytest
import torch

from textseq.nn.attention import ATTENTIONS, Attention


def drawn(score, n_steps=5, dtype=torch.float64):
    torch.manual_seed(0)
    attention = Attention(score, query_size=3, source_size=4).to(dtype)
    return attention, torch.randn(2, 6, 3, dtype=dtype), torch.randn(2, n_steps, 4, dtype=dtype)


@pytest.mark.parametrize("score", ATTENTIONS)
def test_equations_by_hand(score):
    attention, queries, states = drawn(score)
    context, weights = attention(queries, attention.memory(states, torch.tensor([5, 5])))
    W, b = attention.of_source.weight, attention.of_source.bias
    for row in range(2):
        for step in range(6):
            s, scores = queries[row, step], []
            for h in states[row]:
                if score == "dot":
                    scores.append(s @ (W @ h))
                else:
                    sums = W @ h + b + attention.of_query.weight @ s
                    scores.append(attention.direction @ sums.tanh())
            expected = torch.stack(scores).softmax(0)
            torch.testing.assert_close(weights[row, step], expected)
            torch.testing.assert_close(context[row, step], expected @ states[row])


@pytest.mark.parametrize("score", ATTENTIONS)
def test_padding_has_no_weight_even_where_it_is_no_number(score):
    attention, queries, states = drawn(score, n_steps=7)
    lengths = torch.tensor([4, 7])
    states[0, 4:] = torch.nan
    context, weights = attention(queries, attention.memory(states, lengths))
    alone, own = attention(queries[:1], attention.memory(states[:1, :4], lengths[:1]))
    torch.testing.assert_close(context[:1], alone)
    torch.testing.assert_close(weights[:1, :, :4], own)
    assert not weights[0, :, 4:].any()
    torch.testing.assert_close(weights.sum(2), torch.ones_like(weights[:, :, 0]))


@pytest.mark.parametrize("score", ATTENTIONS)
def test_an_empty_source_says_nothing_and_breaks_no_gradient(score):
    attention, queries, states = drawn(score)
    context, weights = attention(queries, attention.memory(states, torch.tensor([0, 5])))
    assert not context[0].any() and not weights[0].any() and context[1].any()
    context.sum().backward()
    assert all(weight.grad.isfinite().all() for weight in attention.parameters())


@pytest.mark.parametrize("score", ATTENTIONS)
def test_gradients(score):
    attention, queries, states = drawn(score)
    lengths = torch.tensor([3, 5])

    def context(queries, states):
        return attention(queries, attention.memory(states, lengths))[0]

    inputs = queries.requires_grad_(), states.requires_grad_()
    assert torch.autograd.gradcheck(context, inputs)


def test_memory_keeps_rows_together():
    attention, queries, states = drawn("additive")
    memory = attention.memory(states, torch.tensor([2, 5]))
    whole = attention(queries, memory)[0]
    rows = torch.tensor([1, 0, 1])
    torch.testing.assert_close(attention(queries[rows], memory.take(rows))[0], whole[rows])
