"""Whether a picture is a frontal chest film that may be read: measured first, then guessed.

Refused is what is measurably no film, what the classifier takes for something else than an
upright, whole frontal chest with white bones, and what it cannot tell: doubtful is not read.
Mirroring is another matter. It shows only in where the heart, the stomach's gas and the higher
dome lie, a patient may have them the other way round, and on many films nothing tells; so only a
plainly mirrored film is refused, a perhaps mirrored one is read with a remark, and a film that
does not show it is read without a word.
"""

from typing import Final

from PIL import Image

from core.reading import Remark
from reader.picture import Picture
from reader.quality.guess import guess
from reader.quality.measures import measure, refusal
from reader.quality.prepare import reduced
from reader.quality.verdict import Probabilities, Reason, Verdict
from reader.quality.weights import Gate, Thresholds, load

_TURNS: Final = ("90 degrees counter-clockwise", "180 degrees", "90 degrees clockwise")
_LIKELY: Final = 0.5

# Half of a frontal film shows one lung beside a bright column, as a lateral does.
_LATERAL: Final = "the picture looks like a lateral chest film, or like half of a frontal one"

MIRRORED_REMARK: Final = Remark(
    "perhaps_mirrored",
    "The heart seems to lie on the right of the patient: dextrocardia, a shift, or a mirrored film"
    " whose sides are exchanged in this draft. Check the side marker.",
)


def judge(picture: Picture, gate: Gate | None = None, *, asked: bool = False) -> Verdict:
    """Judge a picture before a model reads it.

    Takes a few ten milliseconds on one core of a CPU, whatever the picture's size.

    Parameters
    ----------
    picture
        PIL in mode L or RGB, or a uint8 array of shape [rows, columns] or [rows, columns, 3];
        in the stored orientation, white where rays were stopped.
    gate
        The classifier; None takes the one that comes with FirstRead.
    asked
        Whether the film's header does not say what it shows: then the picture must clearly do, by
        a stricter measure than where it only has to agree.

    Returns
    -------
    Verdict
        Whether it may be read, and if not why.

    Raises
    ------
    ValueError
        If the picture is of another kind or has no pixels.
    ModelFolderError
        If the classifier's files are missing or altered.
    """
    little = reduced(picture)
    shape = picture.size[::-1] if isinstance(picture, Image.Image) else picture.shape[:2]
    measures, inside = measure((shape[0], shape[1]), little)
    refused = refusal(measures)
    if refused:
        return Verdict(*refused, (), measures)
    gate = gate or load()
    guessed = guess(inside, gate)
    reason, text = decide(guessed, gate.thresholds, asked=asked)
    remark = reason is None and guessed.mirrored >= gate.thresholds.mirrored_remark
    return Verdict(reason, text, (MIRRORED_REMARK,) if remark else (), measures, guessed)


def decide(
    guessed: Probabilities, thresholds: Thresholds, *, asked: bool = False
) -> tuple[Reason | None, str]:
    """Turn what was guessed into a reason not to read, in a word and in a sentence.

    Parameters
    ----------
    guessed
        What the classifier says.
    thresholds
        Where that becomes a verdict.
    asked
        As in `judge`.

    Returns
    -------
    tuple
        (None, "") for a picture that may be read.
    """
    if guessed.good < thresholds.good:
        return _defect(guessed)
    if asked and guessed.frontal < thresholds.clear:
        return Reason.UNCLEAR, "the picture does not show it clearly enough"
    if guessed.mirrored >= thresholds.mirrored:
        return (
            Reason.MIRRORED,
            "the film seems to be mirrored, or the heart lies on the right: sides cannot be told",
        )
    return None, ""


def _defect(guessed: Probabilities) -> tuple[Reason, str]:
    turn = _TURNS[guessed.turned.index(max(guessed.turned))]
    suspects = (
        (guessed.other, Reason.NOT_CHEST, "the picture does not look like a chest film"),
        (guessed.lateral, Reason.LATERAL, _LATERAL),
        (1 - guessed.upright, Reason.ROTATED, f"the picture seems to be turned by {turn}"),
        (guessed.inverted, Reason.INVERTED, "the picture seems to be inverted: bone is black"),
        (guessed.cut, Reason.CUT, "a large part of the chest seems to be missing"),
    )
    # How a chest film lies has no meaning where there is none.
    likely = suspects[2:] if guessed.frontal > _LIKELY else suspects[:2]
    share, reason, text = max(likely, key=lambda suspect: suspect[0])
    if share > _LIKELY:
        return reason, text
    return (
        Reason.DOUBTFUL,
        "it cannot be told whether the picture is an upright, whole frontal chest film",
    )
