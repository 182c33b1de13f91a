"""Covers the boxes of anatomical regions: where they lie to each other and on the film."""

import pytest

from training.patch_targets import REGIONS
from training.phantom import sample


@pytest.mark.parametrize("index", range(5))
def test_regions_lie_as_in_a_chest(index: int) -> None:
    boxes = sample(41, index).regions
    assert set(boxes) == set(REGIONS)
    right, left = boxes["right lung"], boxes["left lung"]
    assert right[2] <= left[0] + 0.05
    heart = boxes["cardiac silhouette"]
    assert heart[0] > right[0]
    assert heart[2] < left[2]
    assert (heart[0] + heart[2]) / 2 > (right[0] + left[2]) / 2 - 0.05
    for side in ("right", "left"):
        zones = [boxes[f"{side} {zone} lung zone"] for zone in ("upper", "mid", "lower")]
        assert zones[0][1] < zones[1][1] < zones[2][1]
        lung, angle = boxes[f"{side} lung"], boxes[f"{side} costophrenic angle"]
        assert abs((angle[1] + angle[3]) / 2 - lung[3]) < 0.08


def test_the_heart_widens_with_cardiomegaly() -> None:
    def share(findings: tuple[str, ...]) -> float:
        boxes = sample(43, 1, findings=findings).regions
        heart = boxes["cardiac silhouette"]
        return (heart[2] - heart[0]) / (boxes["left lung"][2] - boxes["right lung"][0])

    assert share(()) < 0.52 < share(("cardiomegaly",))
