"""Hypothesis strategies: any reading that a model could give, and any film."""

from hypothesis import strategies as st

from core.labels import Label, Side, Site
from core.reading import (
    Box,
    DraftReport,
    Finding,
    Flag,
    ModelIdentity,
    Presence,
    Reading,
    Remark,
    ReportSentence,
    finding_id,
)
from dicom_sr.text import paragraphs

_ODD = (
    "\x00",
    "\x1b[2J",
    "\r\n",
    "\n\n\n",
    " \t ",
    "\\",
    "^",
    "=",
    "\u202e",
    "\u200d",
    "\ud800",
    "\ue000",
    "\u2028",
    "\x85",
    "شعاع",
    "胸部",
    "가슴",
    "🫁",
    "e\u0301",
    "\ufeff",
    "'; DROP",
)
"""What words may hold beside words."""
_pieces = st.one_of(
    st.sampled_from(_ODD),
    st.sampled_from(("There is", "no", "pleural effusion.", "left", "Heart")),
    st.text(st.characters(exclude_categories=()), max_size=8),
)
words = st.lists(_pieces, max_size=8).map(" ".join) | st.lists(_pieces, max_size=4).map("".join)
"""Any text, lone surrogates among it."""
identity_words = words.map(lambda text: text.encode(errors="ignore").decode())
"""As `words`, without what no UID can be derived of."""
visible_words = words.filter(lambda text: bool(paragraphs(text)))
shares = st.floats(0.0, 1.0) | st.sampled_from((0.0, 1.0, 0.5, 0.875, 1e-300, 0.1 + 0.2))


@st.composite
def _edges(draw: st.DrawFn) -> tuple[float, float]:
    one, other = draw(
        st.tuples(shares, shares).filter(lambda pair: pair[0] != pair[1]) | _close_edges()
    )
    return min(one, other), max(one, other)


def _close_edges() -> st.SearchStrategy[tuple[float, float]]:
    """Give edges that single precision cannot tell apart."""
    return st.floats(0.0, 1.0 - 1e-6).map(lambda low: (low, low + 1e-12))


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    """Any box."""
    (x1, x2), (y1, y2) = draw(_edges()), draw(_edges())
    return Box(x1, y1, x2, y2)


@st.composite
def _findings(draw: st.DrawFn, reading_id: str) -> tuple[Finding, ...]:
    found = []
    # Thirty now and then: each costs as much as all that surrounds them.
    few = st.integers(0, 4)
    for index in range(draw(st.one_of(few, few, few, few, st.integers(0, 30)))):
        presence = draw(st.sampled_from(Presence))
        most = 0 if presence is Presence.ABSENT else 3
        found.append(
            Finding(
                id=finding_id(reading_id, index),
                label=draw(st.sampled_from(Label)),
                presence=presence,
                score=draw(st.none() | shares),
                site=draw(st.none() | st.sampled_from(Site)),
                side=draw(st.none() | st.sampled_from(Side)),
                boxes=tuple(draw(st.lists(boxes(), max_size=most))),
                sentence=draw(st.none() | words),
            )
        )
    return tuple(found)


@st.composite
def _flags(draw: st.DrawFn) -> tuple[Flag, ...]:
    labels = draw(st.lists(st.sampled_from(Label), unique=True))
    found = []
    for label in labels:
        score = draw(st.none() | shares)
        own = None if score is None else draw(st.none() | shares)
        found.append(Flag(label, draw(st.sampled_from(Presence)), score, own))
    return tuple(found)


@st.composite
def _sentences(draw: st.DrawFn, findings: tuple[Finding, ...]) -> tuple[ReportSentence, ...]:
    ids = [finding.id for finding in findings]
    links = st.lists(st.sampled_from(ids), max_size=3) if ids else st.just([])
    return tuple(
        ReportSentence(draw(words), tuple(draw(links)), tuple(draw(st.lists(boxes(), max_size=2))))
        for _ in range(draw(st.integers(0, 4)))
    )


remarks = st.lists(st.builds(Remark, code=words, text=words), max_size=3).map(tuple)
models = st.builds(
    ModelIdentity,
    family=identity_words,
    name=identity_words,
    version=identity_words,
    weights_sha256=st.text("0123456789abcdef", min_size=64, max_size=64),
    dtype=identity_words,
    device=identity_words,
    prompt_version=identity_words,
    licence=identity_words,
    intended_use=identity_words,
    demo=st.booleans(),
    labels=st.lists(st.sampled_from(Label), unique=True).map(tuple),
    calibration=st.just("") | st.text("0123456789abcdef", min_size=64, max_size=64),
)


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    """Any reading."""
    reading_id = draw(st.uuids()).hex
    findings = draw(_findings(reading_id))
    return Reading(
        id=reading_id,
        model=draw(models),
        flags=draw(_flags()),
        findings=findings,
        report=DraftReport(draw(visible_words), draw(words)),
        quality=draw(remarks),
        checks=draw(remarks),
        indication=draw(st.none() | words),
        timings=draw(st.dictionaries(st.just("report"), st.floats(0.0, 100.0))),
        technique=draw(st.none() | words),
        comparison=draw(st.none() | words),
        sentences=draw(_sentences(findings)),
    )


sides = st.integers(1, 65535) | st.sampled_from((1, 2, 1760, 2048, 3001, 65535))
"""Rows or columns of a film."""
