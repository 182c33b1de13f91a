"""What headers say of the view: codes, positions, orientations, texts in several languages."""

import pytest
from pydicom.dataset import Dataset

from gateway.view import View, ViewEvidence, view_of


def header(orientation: str = "", **values: str) -> Dataset:
    made = Dataset()
    if orientation:
        made.PatientOrientation = orientation.split("\\")
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


def coded(value: str, meaning: str = "", **values: str) -> Dataset:
    made = header(**values)
    item = Dataset()
    item.CodeValue, item.CodeMeaning = value, meaning
    made.ViewCodeSequence = [item]
    return made


@pytest.mark.parametrize(
    ("value", "meaning", "view"),
    [
        ("R-10214", "postero-anterior", View.PA),
        ("272479007", "", View.PA),
        ("399348003", "", View.AP),
        ("399033003", "", View.FRONTAL),
        ("L-1", "antero-posterior", View.AP),
        ("399198007", "Right lateral", View.LATERAL),
        ("399006002", "Left posterior oblique", View.OBLIQUE),
        ("399061009", "Axial projection", View.OTHER),
        ("", "", None),
    ],
)
def test_codes(value: str, meaning: str, view: View | None) -> None:
    assert view_of(coded(value, meaning)).view is view


@pytest.mark.parametrize(
    ("value", "view"),
    [
        ("PA", View.PA),
        ("ap ", View.AP),
        ("AP SUPINE", View.AP),
        ("LL", View.LATERAL),
        ("RL", View.LATERAL),
        ("LATERAL", View.LATERAL),
        ("LLAT", View.LATERAL),
        ("LLD", View.DECUBITUS),
        ("RLD", View.DECUBITUS),
        ("LEFT LATERAL DECUBITUS", View.DECUBITUS),
        ("LLO", View.OBLIQUE),
        ("RAO", View.OBLIQUE),
        ("LORDOTIC", View.LORDOTIC),
        ("ERECT", None),
        ("PA/LAT", None),
        ("", None),
    ],
)
def test_positions(value: str, view: View | None) -> None:
    assert view_of(header(ViewPosition=value)) == ViewEvidence(
        view, "ViewPosition" if view else "study texts"
    )


@pytest.mark.parametrize(
    ("orientation", "view"),
    [
        ("L\\F", View.FRONTAL),
        ("R\\F", View.FRONTAL),
        ("A\\F", View.LATERAL),
        ("P\\F", View.LATERAL),
        ("F\\A", View.LATERAL),
        ("L\\R", None),
        ("LA\\F", None),
    ],
)
def test_orientations(orientation: str, view: View | None) -> None:
    assert view_of(header(orientation)).view is view


@pytest.mark.parametrize("keyword", ["SeriesDescription", "StudyDescription"])
@pytest.mark.parametrize(
    ("phrase", "view"),
    [
        ("Thorax liegend a.p.", View.AP),
        ("Thorax p.a.", View.PA),
        ("Chest PA and AP", View.FRONTAL),
        ("Thorax seitlich", View.LATERAL),
        ("Thorax de profil", View.LATERAL),
        ("Thorax de face", View.FRONTAL),
        ("Tórax lateral", View.LATERAL),
        ("Torace laterale", View.LATERAL),
        ("Thorax schräg", View.OBLIQUE),
        ("Thorax Linksseitenlage lat decub", View.DECUBITUS),
        ("Thorax 2 Ebenen", None),
        ("Chest PA and lateral", None),
    ],
)
def test_texts(keyword: str, phrase: str, view: View | None) -> None:
    assert view_of(header(**{keyword: phrase})).view is view


def test_first_attribute_that_speaks_wins() -> None:
    assert view_of(coded("R-10214", ViewPosition="AP")) == ViewEvidence(View.PA, "ViewCodeSequence")
    found = view_of(header("L\\F", SeriesDescription="Thorax ap"))
    assert found == ViewEvidence(View.AP, "film texts")


@pytest.mark.parametrize(
    ("made", "rule", "against"),
    [
        (coded("R-10214", ViewPosition="LL"), "ViewCodeSequence", "ViewPosition"),
        (header(ViewPosition="PA", SeriesDescription="seitlich"), "ViewPosition", "film texts"),
        (header("P\\F", ViewPosition="PA"), "ViewPosition", "PatientOrientation"),
        (header("L\\F", StudyDescription="Thorax seitlich"), "PatientOrientation", "texts"),
        (header("L\\F", SeriesDescription="Thorax pa/seitlich"), "PatientOrientation", "texts"),
    ],
)
def test_contradictions_are_named(made: Dataset, rule: str, against: str) -> None:
    found = view_of(made)
    assert (found.rule, found.contradicted_by) == (rule, against)


def test_orientation_of_the_modality_contradicts_no_lateral() -> None:
    assert view_of(header("L\\F", ViewPosition="LL")) == ViewEvidence(View.LATERAL, "ViewPosition")


def test_study_text_contradicts_no_attribute() -> None:
    found = view_of(header(ViewPosition="PA", StudyDescription="Chest lateral"))
    assert found == ViewEvidence(View.PA, "ViewPosition")
