"""Covers what the encoder is taught: covered patches, the smaller of two boxes, film facts."""

import torch

from training.architecture import GRID
from training.findings import LABELS
from training.patch_targets import CLASSES, KINDS, collect, on_tile, patch_targets
from training.phantom import sample

STEP = 1 / GRID


def test_a_box_covers_its_patches_and_the_smaller_one_wins() -> None:
    large, small = [0.0, 0.0, 4 * STEP, 3 * STEP], [STEP, STEP, 2 * STEP, 2 * STEP]
    classes = torch.tensor([[2, 2, -1]])
    cover, edges = patch_targets(classes, torch.tensor([[large, small, [0.0] * 4]]))
    grid = cover[0].reshape(GRID, GRID, len(CLASSES))
    assert cover.shape == (1, GRID * GRID, len(CLASSES))
    assert grid[:3, :4, 2].min() == 1
    assert grid[..., 2].sum() == 12
    assert cover.sum() == 12
    assert torch.allclose(edges[0, GRID + 1, 2], torch.tensor(small))
    assert torch.allclose(edges[0, 0, 2], torch.tensor(large))


def test_a_box_smaller_than_a_patch_still_has_one() -> None:
    box = [0.5 * STEP, 0.5 * STEP, 0.8 * STEP, 0.8 * STEP]
    cover, _ = patch_targets(torch.tensor([[0]]), torch.tensor([[box]]))
    assert cover[0, :, 0].tolist() == [1.0] + [0.0] * (GRID * GRID - 1)


def test_boxes_move_with_the_film_onto_its_tile() -> None:
    boxes = torch.tensor([[[0.0, 0.0, 1.0, 0.5]]]).repeat(2, 1, 1)
    moved = on_tile(boxes, torch.tensor([0.8, 1.25]))
    assert torch.allclose(moved[0, 0], torch.tensor([0.1, 0.0, 0.9, 0.5]))
    assert torch.allclose(moved[1, 0], torch.tensor([0.0, 0.1, 1.0, 0.5]))


def test_truths_become_arrays() -> None:
    phantom = sample(3, 1, findings=("pleural effusion", "support devices"))
    truths = collect([phantom.truth()])
    assert truths.aspects[0] == round(phantom.aspect, 4) or truths.aspects[0] > 0
    named = {CLASSES[which] for which in truths.classes[0] if which >= 0}
    assert {"pleural effusion", "support devices", "left lung"} <= named
    said = {label for label, value in zip(LABELS, truths.film[0], strict=False) if value}
    assert said == set(phantom.labels())
    kinds = {part.kind for finding in phantom.findings for part in finding.parts if part.kind}
    offset = 3 * len(LABELS)
    assert {k for n, k in enumerate(KINDS) if truths.film[0, offset + n]} == kinds
    areas = (truths.boxes[0, :, 2] - truths.boxes[0, :, 0]) * (
        truths.boxes[0, :, 3] - truths.boxes[0, :, 1]
    )
    used = areas[truths.classes[0] >= 0]
    assert (used[:-1] >= used[1:] - 1e-6).all()
