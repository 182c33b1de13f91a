"""The benchmark of building results: that both ways make the same three objects of one reading.

Not covered: the figures themselves, which are the machine's.
"""

import json
from io import BytesIO

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from core.states import DRAFT_KINDS, ResultKind
from evaluation.bench_results import film_header, main, ours, peers, reading_with


def tracking_uids(place: Dataset) -> set[str]:
    """Give the UIDs of a content tree."""
    found = set()
    for item in place.get("ContentSequence", []):
        if item.ValueType == "UIDREF":
            found.add(str(item.UID))
        found |= tracking_uids(item)
    return found


@pytest.mark.parametrize("way", [ours, peers])
def test_each_finding_is_coded_and_drawn(way: type) -> None:
    reading, film = reading_with(8), film_header()
    built = {kind: dcmread(BytesIO(data)) for kind, data in way(reading, film).items()}
    assert set(built) == set(DRAFT_KINDS)
    uids = {finding.id for finding in reading.findings}
    assert uids <= tracking_uids(built[ResultKind.FINDINGS_SR])
    drawn = [
        graphic
        for item in built[ResultKind.GSPS].GraphicAnnotationSequence
        for graphic in item.get("GraphicObjectSequence", [])
    ]
    assert len(drawn) == len(uids)


def test_the_last_line_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--findings", "2", "--runs", "2"])
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["ours_ms"] > 0
    assert found["ratio"] == pytest.approx(found["peer_ms"] / found["ours_ms"], rel=0.02)
    assert set(found["ours_bytes"]) == set(found["peer_bytes"]) == {k.value for k in DRAFT_KINDS}


@pytest.mark.parametrize("arguments", [["--findings", "0"], ["--runs", "1"]])
def test_what_measures_nothing_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(arguments)
    assert refused.value.code == 2
