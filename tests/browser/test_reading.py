"""A radiologist's morning in a browser, from sign-in to the verified report in the archive.

Real: the pages, Chromium, the delivery's process, Orthanc. Made up: the drafts, of phantoms' truth.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import EnhancedSRStorage

from core.accounts import AccountRole
from db.accounts import add_account
from db.peer_entry import PeerEntry
from db.peers import save_peer
from tests.browser.conftest import Guests
from tests.peers.orthanc import Orthanc
from tests.waiting import wait_until

_PASSWORD = "a long enough pass phrase"  # noqa: S105 - of a test
_PATIENCE = 30_000


@pytest.fixture
def beside() -> tuple[str, ...]:
    return ("deliver",)


@pytest.fixture
def hospital(guests: Guests, orthanc: Orthanc) -> Guests:
    """The reading room with an archive that takes results, and a radiologist with a password."""
    db = guests.house.database()
    with db.write() as session:
        save_peer(
            session,
            PeerEntry(
                name="pacs",
                ae_title="ORTHANC",
                host="127.0.0.1",
                port=orthanc.dicom_port,
                takes_results=True,
                takes_rejections=True,
                accepts_demo=True,
            ),
        )
        add_account(
            session,
            "hbrandt",
            person="Brandt^Helena",
            roles=(AccountRole.RADIOLOGIST,),
            password=_PASSWORD,
        )
    db.close()
    return guests


def _sign_in(page: Page) -> None:
    page.get_by_label("Name").fill("hbrandt")
    page.get_by_label("Password").fill(_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Worklist")).to_be_attached()


def _drafts(page: Page) -> list[str]:
    return [
        name.split(",")[0]
        for name in page.locator("tr[data-study] .patient-cell a").all_inner_texts()
    ]


def test_from_sign_in_to_the_verified_report(
    hospital: Guests, orthanc: Orthanc, tmp_path: Path
) -> None:
    page = hospital.enter().go("/")
    _sign_in(page)

    # Urgent first, then the oldest of the raised, then the routine ones.
    drafts = _drafts(page)
    assert drafts[:2] == ["Marsh", "Kowalska"]
    assert set(drafts[-2:]) == {"Haddad", "Petrov"}
    assert not {"Ferrari", "Jensen", "Dubois"} & set(drafts)

    page.locator("tr[data-study] .patient-cell a").nth(2).click()
    okafor = hospital.study("Okafor")
    page.wait_for_url(f"{hospital.services.address}/studies/{okafor.study_uid}**")
    expect(page.get_by_role("region", name="Report")).to_be_visible()

    _window(page)
    _step_through_findings(page)
    _edit(page, "Small right pleural effusion. Heart enlarged. No pneumothorax.")

    def verified() -> Dataset | None:
        for found in orthanc.find("Instance", StudyInstanceUID=okafor.study_uid):
            uid = found["MainDicomTags"]["SOPInstanceUID"]
            report = dcmread(orthanc.download(uid, tmp_path))
            if report.SOPClassUID == EnhancedSRStorage and report.VerificationFlag == "VERIFIED":
                return report
        return None

    wait_until(verified, 30)
    report = verified()
    assert report is not None
    assert report.VerifyingObserverSequence[0].VerifyingObserverName == "Brandt^Helena"
    assert report.PreliminaryFlag == "PRELIMINARY"
    assert "Small right pleural effusion." in report.to_json()


def _window(page: Page) -> None:
    """Drag over the film: brightness and contrast follow, and are told."""
    pane = page.locator("#film-pane")
    told = page.get_by_text("Zoom")
    expect(told).to_be_visible(timeout=_PATIENCE)
    before = told.inner_text()
    box = pane.bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 120, middle[1] + 60, steps=6)
    page.mouse.up()
    expect(told).not_to_have_text(before)


def _step_through_findings(page: Page) -> None:
    chosen = page.locator("[data-finding] [data-choose][aria-expanded=true]")
    expect(chosen).to_have_count(0)
    names = []
    for _ in range(3):
        page.keyboard.press("f")
        expect(chosen).to_have_count(1)
        names.append(chosen.inner_text())
    assert names == ["Cardiomegaly", "Edema", "Pleural effusion"]


def _edit(page: Page, words: str) -> None:
    page.keyboard.press("e")
    editor = page.get_by_role("form", name="Your report")
    editor.get_by_label("Findings").fill(words)
    expect(editor.get_by_text("Kept at")).to_be_visible(timeout=_PATIENCE)
    page.keyboard.press("Control+Enter")
    window = page.get_by_role("dialog", name="Sign your report")
    expect(window.locator("ins").filter(has_text="enlarged")).to_be_visible()
    expect(window.get_by_role("button", name="Sign")).to_be_disabled()
    # No single key signs.
    page.keyboard.press("Enter")
    expect(window).not_to_be_visible()
    expect(page.get_by_text("edited by")).to_have_count(0)
    page.keyboard.press("Control+Enter")
    window.get_by_role("checkbox").check()
    window.get_by_role("button", name="Sign").click()
    expect(window).not_to_be_visible()
    expect(page.get_by_text("edited by")).to_be_visible()
