"""Continuations as a tree: shared beginnings, own branches, sums by hand."""

import math

import pytest
import torch

from reader.engines.token_tree import TokenTree


def test_a_tree_shares_beginnings_and_sees_only_its_own_branch() -> None:
    tree = TokenTree.of([[5, 6, 7], [5, 6, 8], [5, 6], [9]])
    assert tree.tokens == (5, 6, 7, 8, 9)
    assert tree.parents == (0, 1, 2, 2, 0)
    assert tree.ends == (3, 4, 2, 5)
    assert tree.depths.tolist() == [0, 1, 2, 3, 3, 1]
    sees = tree.mask(1, torch.float32)[0, 0] == 0
    assert sees.tolist() == [
        [True, True, False, False, False, False, False],
        [True, True, True, False, False, False, False],
        [True, True, True, True, False, False, False],
        [True, True, True, True, True, False, False],
        [True, True, True, True, False, True, False],
        [True, True, False, False, False, False, True],
    ]


def test_a_trees_probabilities_add_up_by_hand() -> None:
    tree = TokenTree.of([[0, 1], [1]])
    logits = torch.tensor([[0.0, math.log(3)], [0.0, 0.0], [5.0, 5.0], [1.0, 1.0]])
    given = tree.log_probabilities(logits)
    assert given == pytest.approx([math.log(0.25) + math.log(0.5), math.log(0.75)])
