"""What headers say of the view: codes, positions, orientations, texts in several languages."""

import pytest
from pydicom.dataset import Dataset

from core.film_facts import Source, View
from core.policy import SiteWords
from gateway.lexicon import lexicon
from gateway.view import ViewEvidence, named_view, view_of


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
        ("L", View.LATERAL),
        ("AP ERECT", View.AP),
        ("POSTERO_ANTERIOR", View.PA),
        ("PA GRID", View.PA),
        ("Chest AP", View.AP),
        ("P->A", View.PA),
        ("AP/PA", View.FRONTAL),
        ("AP LORDOTIC", View.LORDOTIC),
        ("PA OBLIQUE", View.OBLIQUE),
        ("AP_AXIAL", View.OTHER),
        ("SWIMMERS", View.OTHER),
        ("MLO", View.OTHER),
        ("ERECT", None),
        ("PA/LAT", None),
        ("", None),
    ],
)
def test_positions(value: str, view: View | None) -> None:
    assert view_of(header(ViewPosition=value)) == ViewEvidence(
        view, Source.VIEW_POSITION if view else Source.NONE
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
        ("CHEST 1V PA", View.PA),
        ("Radiografía de tórax póstero-anterior", View.PA),
        ("Rx tórax perfil", View.LATERAL),
        ("Torace antero-posteriore", View.AP),
        ("Thorax dwars", View.LATERAL),
        ("Lungor sidobild", View.LATERAL),
        ("RTG klatki piersiowej boczne", View.LATERAL),
        ("RTG hrudníku předozadní", View.AP),
        ("Akciğer grafisi yan", View.LATERAL),
        ("胸部正面", View.FRONTAL),
        ("胸部 側面像", View.LATERAL),
        ("胸部P→A", View.PA),
        ("胸部(立位)A→P", View.AP),
        ("胸部正位", View.FRONTAL),
        ("胸部后前位", View.PA),
        ("胸部侧位", View.LATERAL),
        ("胸部正侧位", None),
        ("胸部左侧卧位", View.DECUBITUS),
        ("흉부 후전면", View.PA),
        ("흉부측면", View.LATERAL),
        ("ОГК прямая проекция", View.FRONTAL),
        ("Рентген лёгких, БОКОВАЯ", View.LATERAL),
        ("صدر أمامي", View.FRONTAL),
        ("صدر جانبي", View.LATERAL),
        ("ทรวงอก ด้านข้าง", View.LATERAL),
        ("keuhkot sivu", View.LATERAL),
        ("Chest LtLat", View.LATERAL),
        ("ChestLateral", View.LATERAL),
        ("LATERALCHEST", View.LATERAL),
        ("LATCHEST", View.LATERAL),
        ("TORAX L-L", View.LATERAL),
        ("胸部R→L", View.LATERAL),
        ("mellkas oldal", View.LATERAL),
        ("חזה צד", View.LATERAL),
        ("krūtinės šoninė", View.LATERAL),
        ("rindkere külg", View.LATERAL),
        ("гръден кош профил", View.LATERAL),
        ("гръден кош странично", View.LATERAL),
        ("pljuča stransko", View.LATERAL),
    ],
)
def test_texts(keyword: str, phrase: str, view: View | None) -> None:
    assert view_of(header(**{keyword: phrase})).view is view


def test_first_attribute_that_speaks_wins() -> None:
    assert view_of(coded("R-10214", ViewPosition="AP")) == ViewEvidence(View.PA, Source.VIEW_CODE)
    found = view_of(header("L\\F", SeriesDescription="Thorax ap"))
    assert found == ViewEvidence(View.AP, Source.FILM_TEXTS)


@pytest.mark.parametrize(
    ("made", "rule", "against"),
    [
        (coded("R-10214", ViewPosition="LL"), "ViewCodeSequence", "ViewPosition"),
        (header(ViewPosition="PA", SeriesDescription="seitlich"), "ViewPosition", "film texts"),
        (header("P\\F", ViewPosition="PA"), "ViewPosition", "PatientOrientation"),
        (
            header(ViewPosition="PA", BodyPartExamined="CHEST LAT"),
            "ViewPosition",
            "BodyPartExamined",
        ),
        (header(BodyPartExamined="CHEST_LAT"), "BodyPartExamined", None),
        (header("L\\F", StudyDescription="Thorax seitlich"), "PatientOrientation", "texts"),
        (header("L\\F", SeriesDescription="lat"), "film texts", None),
    ],
)
def test_contradictions_are_named(made: Dataset, rule: str, against: str | None) -> None:
    found = view_of(made)
    assert (found.rule, found.contradicted_by) == (rule, against)


def test_orientation_of_the_modality_contradicts_no_lateral() -> None:
    assert view_of(header("L\\F", ViewPosition="LL")) == ViewEvidence(
        View.LATERAL, Source.VIEW_POSITION
    )


def test_study_text_contradicts_no_attribute() -> None:
    found = view_of(header(ViewPosition="PA", StudyDescription="Chest lateral"))
    assert found == ViewEvidence(View.PA, Source.VIEW_POSITION)


@pytest.mark.parametrize("keyword", ["SeriesDescription", "StudyDescription"])
def test_texts_that_name_both_views_leave_the_orientation_alone(keyword: str) -> None:
    found = view_of(header("L\\F", **{keyword: "Thorax pa/seitlich"}))
    assert found == ViewEvidence(View.FRONTAL, Source.ORIENTATION)


def test_a_modifier_makes_another_view_of_a_frontal_code() -> None:
    made = coded("399348003")
    modifier = Dataset()
    modifier.CodeMeaning = "Lordotic"
    made.ViewCodeSequence[0].ViewModifierCodeSequence = [modifier]
    assert view_of(made).view is View.LORDOTIC
    modifier.CodeMeaning = "Erect"
    assert view_of(made).judged is View.AP


@pytest.mark.parametrize(
    ("value", "meaning", "judged"),
    [
        ("399162004", "", View.UNKNOWN),
        ("99-1", "Something", View.UNKNOWN),
        ("", "", View.PA),
        ("99-1", "Supine", View.PA),
    ],
)
def test_a_modifier_that_is_not_known_leaves_the_view_open(
    value: str, meaning: str, judged: View
) -> None:
    made, modifier = coded("272479007", ViewPosition="PA"), Dataset()
    modifier.CodeValue, modifier.CodeMeaning = value, meaning
    made.ViewCodeSequence[0].ViewModifierCodeSequence = [Dataset(), modifier]
    assert view_of(made).judged is judged


@pytest.mark.parametrize(
    ("values", "by"),
    [
        ({"SeriesDescription": "Thorax face/profil"}, "film texts"),
        ({"SeriesDescription": "PA YAN"}, "film texts"),
        ({"SeriesDescription": "Thorax li. anl."}, "film texts"),
        ({"SeriesDescription": "Thorax 2. Ebene"}, "film texts"),
        ({"SeriesDescription": "chest side"}, "film texts"),
        ({"BodyPartExamined": "CHEST PA LAT"}, "BodyPartExamined"),
        ({"ViewPosition": "PA/LAT", "SeriesDescription": "Thorax pa"}, "ViewPosition"),
        ({"StudyDescription": "Thorax pa/seitlich links"}, None),
    ],
)
def test_words_that_leave_the_view_open(values: dict[str, str], by: str | None) -> None:
    found = view_of(header(**({"ViewPosition": "PA"} | values)))
    assert (found.view, found.contradicted_by, found.doubted_by) == (View.PA, None, by)
    assert found.judged is (View.UNKNOWN if by else View.PA)


def test_the_request_s_texts_speak_of_the_examination() -> None:
    made, request = Dataset(), Dataset()
    request.ScheduledProcedureStepDescription = "Thorax p.a."
    made.RequestAttributesSequence = [request]
    assert view_of(made) == ViewEvidence(View.PA, Source.STUDY_TEXTS)


def test_a_site_s_words_count_beside_the_built_in_ones() -> None:
    made = header(SeriesDescription="T2 zweite Ebene")
    assert view_of(made).view is None
    names = lexicon(SiteWords(lateral=("zweite Ebene",), pa=("T1",)))
    assert view_of(made, names).view is View.LATERAL
    assert view_of(header(SeriesDescription="zweite Aufnahme"), names).view is None
    assert view_of(header(SeriesDescription="Rx T1"), names).view is View.PA


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (coded("R-10214"), "PA"),
        (header(SeriesDescription="Thorax ap liegend"), "AP"),
        (header(ViewPosition="PA", SeriesDescription="seitlich"), ""),
        (header(), ""),
    ],
)
def test_the_view_that_is_kept(made: Dataset, name: str) -> None:
    assert named_view(made) == name
