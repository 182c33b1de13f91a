"""The fixed words of the checks; docs/checks.md tells what each one means."""

from enum import StrEnum

from core.reading import Remark


class Code(StrEnum):
    """A check's machine-readable word; never renamed, since stored readings carry it."""

    UNKNOWN_LABEL = "unknown_label"
    UNTRAINED_LABEL = "untrained_label"
    TEXT_CUT = "text_cut"
    REPORT_REPEATS_ITSELF = "report_repeats_itself"
    REPORT_CONTRADICTS_ITSELF = "report_contradicts_itself"
    IMPRESSION_SIDE_DIFFERS = "impression_side_differs"
    REPORT_CONTRADICTS_LABELS = "report_contradicts_labels"
    REPORT_DOUBTS = "report_doubts"
    REPORT_SILENT = "report_silent"
    COMPARISON_NOT_GIVEN = "comparison_not_given"
    RECOMMENDATION = "recommendation"
    NAMES_PERSON = "names_person"
    NAMES_TIME = "names_time"
    NAMES_IDENTIFIER = "names_identifier"
    DESCRIBES_PATIENT = "describes_patient"
    TELLS_OF_CONTACT = "tells_of_contact"
    BLANK_IN_TEXT = "blank_in_text"
    BOXES_DROPPED = "boxes_dropped"
    NOT_LOCATED = "not_located"
    SIDE_DIFFERS_FROM_BOXES = "side_differs_from_boxes"
    SENTENCE_SIDE_DIFFERS_FROM_BOXES = "sentence_side_differs_from_boxes"
    PLACE_UNUSUAL = "place_unusual"
    BOX_COVERS_FILM = "box_covers_film"
    LABELS_FROM_REPORT = "labels_from_report"
    SCORES_UNAVAILABLE = "scores_unavailable"
    PLACES_UNAVAILABLE = "places_unavailable"
    PLACES_BY_SECOND_MODEL = "places_by_second_model"
    DETECTION_NOT_UNDERSTOOD = "detection_not_understood"
    DETECTION_UNKNOWN_NAME = "detection_unknown_name"
    DETECTION_CONTRADICTS_REPORT = "detection_contradicts_report"
    DETECTION_CONTRADICTS_LABELS = "detection_contradicts_labels"
    DETECTION_PLACES_DIFFER = "detection_places_differ"


def remark(code: Code, text: str) -> Remark:
    """Make a remark; its code is stored as a plain word."""
    return Remark(code.value, text)
