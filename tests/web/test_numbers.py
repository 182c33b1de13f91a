"""Numbers beyond what a database holds are refused where a request gives one, not later.

SQLite holds more than PostgreSQL: what is refused is what PostgreSQL would not take.
"""

from core.accounts import AccountRole
from tests.web.room import Room

BEYOND = (2**31, 2**63, int("9" * 40))
ACTS = [
    ("quarantine/release", "number", "quarantine/{}/release"),
    ("quarantine/discard", "number", "quarantine/{}/discard"),
    ("retrievals/retry", "number", "retrievals/{}/retry"),
    ("jobs/retry", "job", "jobs/{}/retry"),
    ("jobs/cancel", "job", "jobs/{}/cancel"),
]


def test_rows_and_versions_that_cannot_be(room: Room) -> None:
    visitor = room.visitor(AccountRole.ADMINISTRATOR, name="ada")
    for number in BEYOND:
        for page, name, call in ACTS:
            answer = visitor.post(f"/operations/{page}", data={name: number})
            assert answer.status_code == 422, page
            address = f"/api/v1/operations/{call.format(number)}"
            assert visitor.post(address, json={"why": "x"}).status_code == 422, address
        assert visitor.post(f"/account/tokens/{number}/revoke").status_code == 422
        assert visitor.delete(f"/api/v1/tokens/{number}").status_code == 422

    for number in (-1, *BEYOND):
        for address in (
            f"/operations/triage?version={number}",
            f"/operations/triage/versions/{number}.toml",
            f"/api/v1/triage/versions/{number}",
        ):
            assert visitor.get(address).status_code == 422, address
    assert visitor.get(f"/operations/triage/versions/{2**31 - 1}.toml").status_code == 404
    # It is not the version in force.
    for after in ("9" * 5000, "9" * 40, "x"):
        typed = {
            "longest_wait_minutes": "60",
            "note": "why",
            "after": after,
            "without_urgent": "yes",
        }
        assert visitor.post("/operations/triage", data=typed).status_code == 409


def test_events_and_editions_that_cannot_be(room: Room) -> None:
    visitor = room.visitor(AccountRole.AUDITOR, AccountRole.RADIOLOGIST, name="otto")
    for number in BEYOND:
        for address in ("/operations/audit", "/api/v1/operations/audit"):
            assert visitor.get(f"{address}?before={number}").status_code == 422
    lists = visitor.get("/worklist/lists")
    assert lists.status_code == 200
    name = room.application.state.services.live.edition.partition("-")[0]
    asked = {"x-edition": f"{name}-{'9' * 5000}"}
    assert visitor.get("/worklist/lists", headers=asked).status_code == 200
