"""Messages for tests, and their fields as the `hl7` library reads them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import hl7
from pydicom.dataset import Dataset

from core.reading import Reading
from core.report import ReportKind, ReportVersion
from core.triage import Tier
from dicom_sr.context import BuildContext
from gateway.hl7.envelope import Envelope, Standing, Withdrawal
from gateway.hl7.message import oru, withdrawal
from tests.dicom_sr.headers import film_header
from tests.dicom_sr.readings import ORDINARY, draft_of

CONTEXT = BuildContext(timezone="Europe/Berlin")
RIS = Envelope("FIRSTREAD", "RADIOLOGY", "RIS", "HOSPITAL")
LATER = datetime(2026, 3, 29, 9, 0, tzinfo=UTC)


def built(
    reading: Reading = ORDINARY,
    version: ReportVersion | None = None,
    source: Dataset | None = None,
    *,
    tier: Tier = Tier.ROUTINE,
    earlier: Sequence[bytes] = (),
    context: BuildContext = CONTEXT,
    envelope: Envelope = RIS,
) -> bytes:
    """Build a message; a draft of a sound film unless told otherwise."""
    return oru(
        reading,
        version or draft_of(reading),
        film_header() if source is None else source,
        context,
        envelope=envelope,
        standing=Standing(tier, tuple(earlier)),
    )


def taken_back(
    earlier: Sequence[bytes], *, at: datetime = LATER, author: str | None = None
) -> bytes:
    """Build the withdrawal of a draft of the sound film."""
    return withdrawal(
        ORDINARY,
        draft_of(ORDINARY),
        film_header(),
        CONTEXT,
        envelope=RIS,
        standing=Standing(Tier.RAISED, tuple(earlier)),
        withdrawn=Withdrawal("the wrong side", at, author),
    )


def reviewed(reading: Reading, kind: ReportKind, *, final: bool = False) -> ReportVersion:
    """Give what a person made of a reading's draft; an edit leaves nothing of its words."""
    draft = draft_of(reading)
    if kind is ReportKind.EDITED:
        draft = replace(draft, findings="Scoliosis.", impression="Scoliosis.")
    return replace(
        draft,
        id=f"version-{kind.value}",
        number=2,
        kind=kind,
        created_at=LATER,
        author="Doe^Jane^Q^Dr.^MD=土井^純",
        final=final,
    )


def parsed(data: bytes) -> hl7.Message:
    """Read a message."""
    return hl7.parse(data.decode("utf-8"))


def field(data: bytes, name: str, number: int) -> str:
    """Give a field of the first such segment as it is written."""
    found = parsed(data).segment(name)
    return str(found[number]) if len(found) > number else ""


def observations(data: bytes) -> dict[tuple[str, str], dict[int, str]]:
    """Give the fields of each OBX, by the code of OBX-3 and by OBX-4."""
    found: dict[tuple[str, str], dict[int, str]] = {}
    for obx in parsed(data).segments("OBX"):
        fields = {number: str(one) for number, one in enumerate(obx)}
        key = (fields[3].partition("^")[0], fields[4])
        assert key not in found, f"two observations of one identity: {key}"
        found[key] = fields | dict.fromkeys(range(len(fields), 20), "")
    return found


def of_code(data: bytes, code: str) -> list[dict[int, str]]:
    """Give the observations of a code."""
    return [fields for (known, _sub_id), fields in observations(data).items() if known == code]


def impression(data: bytes) -> str:
    """Give the impression as it is written."""
    (found,) = of_code(data, "121073")
    return found[5]
