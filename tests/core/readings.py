"""Hypothesis strategies for readings: every value that the types let through."""

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
)

scores = st.none() | st.floats(0.0, 1.0)
words = st.text(max_size=30)
_presences = st.sampled_from(Presence)
_labels = st.sampled_from(Label)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    """Give a box; its edges are in order."""
    edges = st.lists(st.floats(0.0, 1.0), min_size=2, max_size=2, unique=True).map(sorted)
    x1, x2 = draw(edges)
    y1, y2 = draw(edges)
    return Box(x1, y1, x2, y2)


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    """Give a finding; an absent one has no boxes."""
    presence = draw(_presences)
    places = st.just([]) if presence is Presence.ABSENT else st.lists(boxes(), max_size=3)
    return Finding(
        id=draw(words),
        label=draw(_labels),
        presence=presence,
        score=draw(scores),
        site=draw(st.none() | st.sampled_from(Site)),
        side=draw(st.none() | st.sampled_from(Side)),
        boxes=tuple(draw(places)),
        sentence=draw(st.none() | words),
    )


flags = st.builds(Flag, _labels, _presences, scores) | st.builds(
    Flag, _labels, _presences, st.floats(0.0, 1.0), st.floats(0.0, 1.0)
)
remarks = st.builds(Remark, words, words)
reports = st.builds(DraftReport, words.filter(lambda text: bool(text.strip())), words)
models = st.builds(
    ModelIdentity,
    *[words] * 9,
    demo=st.booleans(),
    labels=st.lists(_labels, unique=True).map(tuple),
    calibration=words,
)
sentences = st.builds(
    ReportSentence,
    words,
    st.lists(words, max_size=2).map(tuple),
    st.lists(boxes(), max_size=2).map(tuple),
)
readings = st.builds(
    Reading,
    id=words,
    model=models,
    flags=st.lists(flags, max_size=4).map(tuple),
    findings=st.lists(findings(), max_size=3).map(tuple),
    report=reports,
    quality=st.lists(remarks, max_size=2).map(tuple),
    checks=st.lists(remarks, max_size=2).map(tuple),
    indication=st.none() | words,
    timings=st.dictionaries(words, st.floats(0.0, 1e6), max_size=3),
    technique=st.none() | words,
    comparison=st.none() | words,
    sentences=st.lists(sentences, max_size=2).map(tuple),
)
