"""What of a reading has no place in the coded result's template, so that nothing of it is lost.

The model's identity to the last, what it was told, its draft with the sentences, and the remarks:
with measurement groups and evaluations, all of a reading but its timings.
"""

from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from core.reading import ModelIdentity, Reading
from dicom_sr import concepts, items
from dicom_sr.context import BuildContext
from dicom_sr.observers import in_own_language
from dicom_sr.remarks import remark_items
from dicom_sr.sentences import sentence_items
from dicom_sr.source import Film
from dicom_sr.text import paragraphs


def record(reading: Reading, film: Film, context: BuildContext) -> Dataset:
    """Give the container at the root of the coded result.

    Parameters
    ----------
    reading
        What the model said.
    film
        Where its sentences lie.
    context
        The site.
    """
    parts = [
        *_texts([(concepts.READING_ID, reading.id)]),
        _model(reading.model, context),
        *_texts(
            [
                (concepts.HISTORY, reading.indication),
                (concepts.TECHNIQUE, reading.technique),
                (concepts.COMPARISON_SECTION, reading.comparison),
            ]
        ),
        *(
            in_own_language(item, context)
            for item in _texts(
                [
                    (concepts.FINDING, reading.report.findings),
                    (concepts.IMPRESSION, reading.report.impression),
                ]
            )
        ),
        *_part(concepts.SENTENCES_SECTION, sentence_items(reading.sentences, film, context)),
        *_part(concepts.QUALITY_SECTION, remark_items(reading, context)),
    ]
    return items.container(concepts.RECORD, parts)


def _model(model: ModelIdentity, context: BuildContext) -> Dataset:
    texts = _texts(
        [
            (concepts.MODEL_FAMILY, model.family),
            (concepts.ALGORITHM_NAME, model.name),
            (concepts.ALGORITHM_VERSION, model.version),
            (concepts.MODEL_WEIGHTS, model.weights_sha256),
            (concepts.MODEL_DTYPE, model.dtype),
            (concepts.MODEL_DEVICE, model.device),
            (concepts.MODEL_PROMPT, model.prompt_version),
            (concepts.MODEL_LICENCE, model.licence),
            (concepts.MODEL_USE, model.intended_use),
            (concepts.MODEL_CALIBRATION, model.calibration),
        ]
    )
    demo = concepts.YES if model.demo else concepts.NO
    labels = (context.codes.label(label) for label in model.labels)
    return items.container(
        concepts.MODEL,
        [
            *texts,
            items.code(concepts.MODEL_DEMO, demo, items.CONTAINS),
            *(items.code(concepts.MODEL_LABEL, label, items.CONTAINS) for label in labels),
        ],
    )


def _texts(named: list[tuple[Code, str | None]]) -> list[Dataset]:
    """Make texts of what holds any words."""
    return [
        items.text(name, paragraphs(words), items.CONTAINS)
        for name, words in named
        if words and paragraphs(words)
    ]


def _part(name: Code, children: list[Dataset]) -> list[Dataset]:
    return [items.container(name, children)] if children else []
