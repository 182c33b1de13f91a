"""Which peers share an object: those that want it alike and have the same before it."""

from core.report import ReportKind
from core.results import SERIES_DESCRIPTION
from core.states import DRAFT_KINDS, ResultKind
from db.models import Peer
from db.predecessors import SentResult
from dicom_sr.context import Replaced, Variant
from gateway.audiences import Audience, audiences, by_predecessors

SR = "1.2.840.10008.5.1.4.1.1.88.22"


def peer(number: int, **values: object) -> Peer:
    facts: dict[str, object] = {
        "takes_results": True,
        "presentation_lut_shape": "auto",
        "sr_class": "comprehensive",
        "series_number_base": 9001,
        "series_description": SERIES_DESCRIPTION,
        "character_set": "ISO_IR 192",
        "result_kinds": [*DRAFT_KINDS],
    }
    return Peer(id=number, **(facts | values))


def had(peer_id: int, uid: str, kind: ResultKind = ResultKind.REPORT_SR) -> SentResult:
    return SentResult(peer_id, kind, uid, SR, f"{uid}.1", ReportKind.DRAFT)


def peers_of(group: Audience) -> tuple[int, ...]:
    return tuple(taker.peer_id for taker in group.takers)


def test_peers_of_one_profile_share() -> None:
    found = audiences([peer(1), peer(2), peer(3, sr_class="comprehensive3d")])
    assert [peers_of(group) for group in found] == [(1, 2), (3,)]
    assert audiences([peer(1, takes_results=False)]) == [Audience(Variant())]


def test_peers_of_one_profile_share_though_they_get_other_kinds() -> None:
    (group,) = audiences(
        [
            peer(1, result_kinds=["report_sr", "pdf"]),
            peer(2, result_kinds=["gsps", "report_sr"]),
            peer(3, result_kinds=[]),
        ]
    )
    assert group.kinds == {ResultKind.REPORT_SR, ResultKind.PDF, ResultKind.GSPS}
    assert group.peers_for(ResultKind.REPORT_SR) == (1, 2)
    assert group.peers_for(ResultKind.PDF) == (1,)
    assert group.peers_for(ResultKind.SECONDARY_CAPTURE) == ()


def test_a_predecessor_is_named_to_whoever_has_it() -> None:
    sent = [had(1, "1.1"), had(3, "1.1"), had(4, "1.2"), had(9, "1.3")]
    (group,) = audiences([peer(number) for number in (1, 2, 3, 4)])
    divided = by_predecessors([group], sent, DRAFT_KINDS)
    assert [
        (peers_of(one), [item.sop_instance_uid for item in one.replaces]) for one in divided
    ] == [
        ((1, 3), ["1.1"]),
        ((2,), []),
        ((4,), ["1.2"]),
    ]
    assert {one.variant for one in divided} == {group.variant}


def test_each_document_has_its_own() -> None:
    sent = [had(1, "1.1"), had(1, "1.2", ResultKind.FINDINGS_SR)]
    (one,) = by_predecessors(audiences([peer(1)]), sent, DRAFT_KINDS)
    assert one.replaces == (
        Replaced(ResultKind.FINDINGS_SR, SR, "1.2", "1.2.1", ReportKind.DRAFT),
        Replaced(ResultKind.REPORT_SR, SR, "1.1", "1.1.1", ReportKind.DRAFT),
    )


def test_nobody_still_gets_objects_built() -> None:
    nobody = audiences([])
    assert by_predecessors(nobody, [had(1, "1.1")], DRAFT_KINDS) == nobody
    assert nobody[0].kinds == set(DRAFT_KINDS)
    assert nobody[0].peers_for(ResultKind.GSPS) == ()


def test_what_is_not_built_anew_divides_nobody() -> None:
    sent = [had(1, "1.1", ResultKind.FINDINGS_SR)]
    (one,) = by_predecessors(audiences([peer(1), peer(2)]), sent, {ResultKind.REPORT_SR})
    assert (peers_of(one), one.replaces) == ((1, 2), ())
