"""Promises on peers that are away, or refuse.

Covered: that the others get theirs, and what the peer's rows say. Not covered here: every status
and every protocol (`tests/gateway`).
"""

from core.states import DeliveryState
from tests.gateway.outgoing import ResultPeer
from tests.promises.place import SUCCESS, Place
from tests.waiting import wait_until

_FOR_GOOD = 0x0122
"""SOP Class Not Supported (PS3.7 section C.5.6)."""
_WORDS = "0x0122 Refused: SOP class not supported"


def test_a_peer_is_down_for_hours(place: Place) -> None:
    film = place.film()
    stored = len(place.around.storing.arrived())
    with place.broken(place.around.orthanc.stop):
        assert place.send(film) == [SUCCESS]
        wait_until(lambda: len(place.around.storing.arrived()) == stored + 3, 90.0, "the other")
        wait_until(lambda: place.peer("orthanc").failures >= 3, 60.0, "three attempts")
        away = place.peer("orthanc")
        assert away.next_attempt_at is not None
        assert away.last_error
        waiting = place.deliveries("orthanc")[-3:]
        assert {one.state for one in waiting} == {DeliveryState.WAITING}
    place.wait_for_results(film)
    assert place.peer("orthanc").failures == 0


def test_a_peer_refuses_for_good(place: Place) -> None:
    film = place.film()
    with ResultPeer(lambda _event: _FOR_GOOD) as refusing:
        place.save_peer(name="refusing", ae_title="PEER", port=refusing.port)
        assert place.send(film) == [SUCCESS]
        place.wait_for_results(film)
        wait_until(lambda: len(place.deliveries("refusing")) == 3, 30.0, "its deliveries")
        wait_until(lambda: _states(place) == {DeliveryState.FAILED}, 30.0, "its refusals")
        assert len(refusing.tried) == len(set(refusing.tried)) == 3
        assert {one.words for one in place.deliveries("refusing")} == {_WORDS}
    place.save_peer(name="refusing", ae_title="PEER", port=refusing.port, enabled=False)


def _states(place: Place) -> set[DeliveryState]:
    return {one.state for one in place.deliveries("refusing")}
