"""What every result says of itself: a notice in few words, and a banner in sentences.

The words are `dicom_sr.wording_table`'s, in the institution's language.
"""

from collections.abc import Mapping

from core.reading import Reading
from core.report import ReportKind, ReportVersion
from dicom_sr.context import BuildContext
from dicom_sr.standing import keeps_statements
from dicom_sr.text import person_name, spoken_name
from dicom_sr.wording_table import Notice, Phrase

_RESEARCH = {
    ReportKind.DRAFT: Notice.DRAFT,
    ReportKind.ACCEPTED: Notice.ACCEPTED,
    ReportKind.EDITED: Notice.EDITED,
}
"""Until the site's authorisation is recorded."""
_AUTHORISED = {
    ReportKind.DRAFT: Notice.DRAFT_AUTHORISED,
    ReportKind.ACCEPTED: Notice.ACCEPTED_AUTHORISED,
    ReportKind.EDITED: Notice.EDITED_AUTHORISED,
}
"""Once it is: a draft stays a draft."""
_FINAL = {ReportKind.ACCEPTED: Notice.ACCEPTED_FINAL, ReportKind.EDITED: Notice.EDITED_FINAL}


def notice_of(reading: Reading, context: BuildContext, version: ReportVersion | None = None) -> str:
    """Give the notice of a result; at most 64 bytes.

    Parameters
    ----------
    reading
        What the model said.
    context
        The site.
    version
        The report version that the result shows; None for what is the model's alone.
    """
    return _worded(reading, context, version, context.wording.notices)


def short_notice_of(
    reading: Reading, context: BuildContext, version: ReportVersion | None = None
) -> str:
    """Give the notice in fewer words, at most 46 bytes; parameters as of `notice_of`."""
    return _worded(reading, context, version, context.wording.short_notices)


def banner_of(reading: Reading, version: ReportVersion, context: BuildContext) -> list[str]:
    """Give the sentences that stand before anything else.

    Of a draft, the notice; of what a person accepted or wrote, who did it and when, whether it is
    final, and what it must not be used for. Then which of several films it is of.
    """
    lines = [_signed(reading, version, context) or notice_of(reading, context, version)]
    place = place_of(context, version)
    return [*lines, place] if place else lines


def place_of(context: BuildContext, version: ReportVersion | None = None) -> str | None:
    """Say which of the study's films a document is of; None where it is the only one."""
    place = context.place
    if place is None or place.of == 1:
        return None
    wording = context.wording
    film = [place.view, wording.phrase(Phrase.NUMBER, number=str(place.number))]
    if place.number == 1:
        film.append(wording.phrase(Phrase.PREFERRED))
    reviewed = version is not None and version.kind is not ReportKind.DRAFT
    return wording.phrase(
        Phrase.PLACE_REVIEWED if reviewed else Phrase.PLACE,
        of=str(place.of),
        film=", ".join(words for words in film if words),
    )


def _act(reading: Reading, version: ReportVersion) -> Phrase:
    """Say what the person did; who accepts a person's text accepts no draft of the model."""
    if version.kind is ReportKind.EDITED:
        return Phrase.EDITED
    return Phrase.ACCEPTED if keeps_statements(reading, version) else Phrase.ACCEPTED_EDIT


def _worded(
    reading: Reading,
    context: BuildContext,
    version: ReportVersion | None,
    notices: Mapping[Notice, str],
) -> str:
    kind = ReportKind.DRAFT if version is None else version.kind
    if version is not None and not keeps_statements(reading, version):
        kind = ReportKind.EDITED
    if not context.authorised:
        notice = _RESEARCH[kind]
    elif version is not None and version.final:
        notice = _FINAL[kind]
    else:
        notice = _AUTHORISED[kind]
    words = notices[notice]
    return f"{words}, {notices[Notice.DEMO]}" if reading.model.demo else words


def _signed(reading: Reading, version: ReportVersion, context: BuildContext) -> str:
    """Say who accepted or wrote a version; "" of a draft."""
    if version.kind is ReportKind.DRAFT or version.author is None:
        return ""
    wording = context.wording
    said = [
        wording.phrase(
            _act(reading, version),
            person=spoken_name(person_name(version.author)),
            time=context.local(version.created_at).strftime("%Y-%m-%d %H:%M %z"),
        ),
        wording.phrase(Phrase.FINAL if version.final else Phrase.NOT_FINAL),
    ]
    if not context.authorised:
        said.append(wording.phrase(Phrase.RESEARCH))
    if reading.model.demo:
        said.append(f"{wording.notices[Notice.DEMO]}.")
    return " ".join(said)
