"""Whatever was said of a film before, a receiver that keeps the rules holds the last message only.

Covered: any readings, drafts, accepted and edited ones, in any order, and withdrawals, each message
made with those before it; the receiver is `Chart`, which shares nothing with our builder. Not
covered: receivers that keep other rules.
"""

from collections.abc import Sequence
from dataclasses import replace

import hl7
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.reading import Reading
from core.report import ReportKind, ReportVersion
from core.triage import Tier
from tests.dicom_sr.any_reading import readings
from tests.dicom_sr.readings import draft_of
from tests.gateway.chart import Chart
from tests.gateway.hl7_messages import built, reviewed, taken_back

_SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)


@st.composite
def versions(draw: st.DrawFn) -> tuple[Reading, ReportVersion]:
    """Draw a reading and what became of its draft."""
    reading = draw(readings())
    kind = draw(st.sampled_from(ReportKind))
    if kind is ReportKind.DRAFT:
        return reading, draft_of(reading)
    version = reviewed(reading, kind)
    if kind is ReportKind.EDITED:
        # A person may leave sentences of the draft as they are.
        said = draw(st.lists(st.sampled_from([reading.report.findings, "Scoliosis."]), min_size=1))
        version = replace(version, findings="\n\n".join(said))
    return reading, version


def chart_of(messages: Sequence[bytes]) -> Chart:
    """Give what a receiver holds after some messages."""
    chart = Chart()
    for data in messages:
        chart.post(hl7.parse(data.decode("utf-8")))
    return chart


@settings(max_examples=20, deadline=None, suppress_health_check=_SLOW)
@given(st.lists(versions(), min_size=1, max_size=4), st.sampled_from(Tier))
def test_the_last_message_is_all_that_is_held(
    said: list[tuple[Reading, ReportVersion]], tier: Tier
) -> None:
    messages: list[bytes] = []
    for reading, version in said:
        messages.append(built(reading, version, tier=tier, earlier=messages))
    assert chart_of(messages) == chart_of(messages[-1:])
    withdrawn = chart_of([*messages, taken_back(messages)])
    assert {code for code, _sub_id in withdrawn.observations} == {"113014", "TIER", "121073"}
