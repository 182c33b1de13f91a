"""How radiologists put things: what each wording states, by the kind of wording.

The table beside `reader.sentence_cues` and `reader.sentence_words`; each row gives all that its
sentence states. Sides and sites have a table of their own; what the grammar is known to get wrong
is listed in `reader.sentence_findings` and not here.
"""

import pytest

from core.labels import Label
from reader.sentence_findings import statements

DENIED = [
    ("No acute fracture.", "fracture absent"),
    ("No focal consolidation is identified.", "consolidation absent"),
    (
        "There is no focal consolidation, effusion, or pneumothorax.",
        "consolidation absent, pleural_effusion absent, pneumothorax absent",
    ),
    ("No effusion or pneumonia.", "pleural_effusion absent, pneumonia absent"),
    ("No pleural effusions or pneumothoraces.", "pleural_effusion absent, pneumothorax absent"),
    (
        "No large pleural effusion or pneumothorax is seen.",
        "pleural_effusion absent, pneumothorax absent",
    ),
    ("No definite focal consolidation is seen.", "consolidation absent"),
    ("Without evidence of pneumonia.", "pneumonia absent"),
    (
        "Lungs are clear without effusion or pneumothorax.",
        "consolidation absent, lung_opacity absent, pleural_effusion absent, pneumothorax absent",
    ),
    ("Neither effusion nor pneumothorax is seen.", "pleural_effusion absent, pneumothorax absent"),
    (
        "Pleural effusion and pneumothorax are not seen.",
        "pleural_effusion absent, pneumothorax absent",
    ),
    ("Edema and pneumothorax is not seen.", "edema present, pneumothorax absent"),
    ("Edema or pneumothorax is not seen.", "edema absent, pneumothorax absent"),
    ("Cardiomegaly without edema.", "cardiomegaly present, edema absent"),
    (
        "Cardiomegaly without edema or effusion, with basilar atelectasis.",
        "cardiomegaly present, edema absent, pleural_effusion absent, atelectasis present",
    ),
    ("Negative for pneumothorax.", "pneumothorax absent"),
    ("Pneumothorax absent.", "pneumothorax absent"),
    ("Pneumothorax: none.", "pneumothorax absent"),
    ("Pneumothorax - none.", "pneumothorax absent"),
    ("Pneumothorax none", "pneumothorax absent"),
    ("Effusion = no", "pleural_effusion absent"),
    ("Ruled out pneumonia.", "pneumonia absent"),
    ("Pneumonia ruled out.", "pneumonia absent"),
    ("Pneumothorax previously seen is no longer visualized.", "pneumothorax absent"),
    ("It is doubtful that there is pneumonia.", "pneumonia uncertain"),
    ("Pneumonia is doubtful.", "pneumonia uncertain"),
    ("It is unlikely that there is pneumonia.", "pneumonia uncertain"),
    ("PNEUMOTHORAX: NONE", "pneumothorax absent"),
    ("Pleural effusion: No.", "pleural_effusion absent"),
    ("Effusion: absent", "pleural_effusion absent"),
    ("Pneumonia has been excluded.", "pneumonia absent"),
    ("Pneumothorax is ruled out.", "pneumothorax absent"),
    ("The lungs are free of focal consolidation or edema.", "consolidation absent, edema absent"),
    ("I do not see a pneumothorax.", "pneumothorax absent"),
    ("We cannot identify a pneumothorax.", "pneumothorax absent"),
    ("There isn't any pneumothorax.", "pneumothorax absent"),
    ("Nothing to suggest pneumonia.", "pneumonia absent"),
    ("No findings suggestive of pneumonia.", "pneumonia absent"),
    ("No evidence to suggest heart failure.", "edema absent"),
    ("No opacity concerning for pneumonia.", "lung_opacity absent, pneumonia absent"),
    ("Findings are not suggestive of edema.", "edema absent"),
    ("There is low suspicion for pneumonia.", "pneumonia absent"),
    ("No suspicious nodules.", "lung_lesion absent"),
    ("No residual pneumothorax.", "pneumothorax absent"),
    ("Lack of pleural effusion.", "pleural_effusion absent"),
    ("The film fails to show a fracture.", "fracture absent"),
    ("No PTX.", "pneumothorax absent"),
    ("No CHF or PNA.", "edema absent, pneumonia absent"),
    ("No pulmonary vascular congestion.", "edema absent"),
    (
        "No pulmonary edema, pleural effusion, or focal consolidation.",
        "edema absent, pleural_effusion absent, consolidation absent",
    ),
    ("Heart size is normal without edema.", "cardiomegaly absent, edema absent"),
    (
        "No cardiomegaly, the lungs are clear.",
        "cardiomegaly absent, consolidation absent, lung_opacity absent",
    ),
    ("There is no pneumothorax on the right.", "pneumothorax absent"),
    ("No support devices.", "support_devices absent"),
    (
        "Chronic interstitial changes without superimposed consolidation.",
        "lung_opacity present, consolidation absent",
    ),
    ("No displaced rib fracture is identified, though evaluation is limited.", "fracture absent"),
    ("There is no longer any evidence of effusion.", "pleural_effusion absent"),
    (
        "There is no evidence for pneumothorax or for pleural effusion.",
        "pneumothorax absent, pleural_effusion absent",
    ),
]
DENIAL_ENDS = [
    ("No pneumothorax, small left effusion.", "pneumothorax absent, pleural_effusion present"),
    ("No pneumothorax, with a small effusion.", "pneumothorax absent, pleural_effusion present"),
    ("No pneumothorax and bibasilar atelectasis.", "pneumothorax absent, atelectasis present"),
    ("No pneumothorax, edema is present.", "pneumothorax absent, edema present"),
    ("No consolidation; mild edema.", "consolidation absent, edema present"),
    (
        "No pneumothorax; however, a left effusion persists.",
        "pneumothorax absent, pleural_effusion present",
    ),
    ("No fracture although there is a nodule.", "fracture absent, lung_lesion present"),
    (
        "Small effusion, no pneumothorax, moderate cardiomegaly.",
        "pleural_effusion present, pneumothorax absent, cardiomegaly present",
    ),
    (
        "No effusion is seen but pneumonia cannot be excluded.",
        "pleural_effusion absent, pneumonia uncertain",
    ),
    ("No focal opacity while the heart is enlarged.", "lung_opacity absent, cardiomegaly present"),
    (
        "No consolidation, effusion or large pneumothorax.",
        "consolidation absent, pleural_effusion absent, pneumothorax absent",
    ),
    ("No edema with the heart enlarged.", "edema absent, cardiomegaly present"),
]
CHANGE = [
    ("No change in cardiomegaly.", "cardiomegaly present"),
    ("No significant interval change in the left effusion.", "pleural_effusion present"),
    ("No increase in size of the nodule.", "lung_lesion present"),
    ("Without change in edema.", "edema present"),
    ("Effusion has not improved.", "pleural_effusion present"),
    ("No resolution of the pneumothorax.", "pneumothorax present"),
    ("The pneumothorax has not resolved.", "pneumothorax present"),
    ("Partial resolution of the effusion.", "pleural_effusion present"),
    ("The effusion has nearly resolved.", "pleural_effusion present"),
    ("Not only edema but also effusion.", "edema present, pleural_effusion present"),
    ("Not without effusion.", "pleural_effusion present"),
    ("Unchanged cardiomegaly.", "cardiomegaly present"),
    ("Improved edema.", "edema present"),
    ("Resolving pneumonia.", "pneumonia present"),
    ("Stable small bilateral effusions.", "pleural_effusion present"),
    ("The previously seen effusion is unchanged.", "pleural_effusion present"),
    ("No worsening of the edema.", "edema present"),
]
GONE = [
    ("Resolved pneumothorax.", "pneumothorax absent"),
    ("Interval resolution of the edema.", "edema absent"),
    ("Effusion has since resolved.", "pleural_effusion absent"),
    ("The effusion has completely resolved.", "pleural_effusion absent"),
    ("The endotracheal tube was removed.", "support_devices absent"),
    ("Interval removal of the left chest tube.", "support_devices absent"),
    ("Status post chest tube removal.", "support_devices absent"),
    ("The consolidation is no longer visible.", "consolidation absent"),
    ("Previous effusion no longer seen.", "pleural_effusion absent"),
    ("The previously seen effusion has resolved.", "pleural_effusion absent"),
]
DOUBTED = [
    ("Pneumonia cannot be entirely excluded.", "pneumonia uncertain"),
    ("Underlying pneumonia is not excluded.", "pneumonia uncertain"),
    ("A small pneumothorax would be difficult to exclude.", "pneumothorax uncertain"),
    ("It is difficult to exclude a small effusion.", "pleural_effusion uncertain"),
    ("Unable to rule out pneumonia.", "pneumonia uncertain"),
    ("Cannot rule out fracture.", "fracture uncertain"),
    ("Could represent pneumonia.", "pneumonia uncertain"),
    ("Findings may reflect edema.", "edema uncertain"),
    ("Findings suggest edema.", "edema uncertain"),
    ("Findings are suggestive of edema.", "edema uncertain"),
    ("Opacity suspicious for pneumonia.", "lung_opacity present, pneumonia uncertain"),
    ("Opacity is concerning for pneumonia.", "lung_opacity present, pneumonia uncertain"),
    ("Left base opacity, likely atelectasis.", "lung_opacity present, atelectasis uncertain"),
    ("Likely small left effusion.", "pleural_effusion uncertain"),
    ("Probable edema.", "edema uncertain"),
    ("Questionable nodule in the right apex.", "lung_lesion uncertain"),
    ("Question of a small pneumothorax.", "pneumothorax uncertain"),
    ("Suspected rib fracture.", "fracture uncertain"),
    ("Pneumonia is unlikely.", "pneumonia uncertain"),
    ("Pneumonia is less likely.", "pneumonia uncertain"),
    ("Atelectasis is favored.", "atelectasis uncertain"),
    ("Favor atelectasis.", "atelectasis uncertain"),
    ("Pneumonia is a consideration.", "pneumonia uncertain"),
    ("Pneumonia should be considered.", "pneumonia uncertain"),
    (
        "Opacity may be pneumonia in the appropriate clinical setting.",
        "lung_opacity present, pneumonia uncertain",
    ),
    ("Pneumonia?", "pneumonia uncertain"),
    (
        "Possible small left effusion, no pneumothorax.",
        "pleural_effusion uncertain, pneumothorax absent",
    ),
    ("There is possibly no effusion.", "pleural_effusion uncertain"),
    ("It is unclear whether there is an effusion.", "pleural_effusion uncertain"),
    ("It cannot be said that there is no effusion.", "pleural_effusion uncertain"),
    ("Edema with or without effusion.", "edema present, pleural_effusion uncertain"),
    ("Differential includes edema and pneumonia.", "edema uncertain, pneumonia uncertain"),
    (
        "Bibasilar opacities, atelectasis or pneumonia.",
        "lung_opacity present, atelectasis uncertain, pneumonia uncertain",
    ),
    ("Atelectasis and/or consolidation.", "atelectasis uncertain, consolidation uncertain"),
    ("Atelectasis/pneumonia.", "atelectasis uncertain, pneumonia uncertain"),
    ("Nodule/mass in the left lung.", "lung_lesion present"),
    (
        "Atelectasis, pneumonia, or edema.",
        "atelectasis uncertain, pneumonia uncertain, edema uncertain",
    ),
    (
        "Findings reflect atelectasis rather than pneumonia.",
        "atelectasis present, pneumonia absent",
    ),
    ("Likely atelectasis rather than pneumonia.", "atelectasis uncertain, pneumonia uncertain"),
    (
        "Likely atelectasis with a small effusion.",
        "atelectasis uncertain, pleural_effusion present",
    ),
    (
        "Edema, effusion or pneumonia.",
        "edema present, pleural_effusion uncertain, pneumonia uncertain",
    ),
    ("Consider pneumonia.", "pneumonia uncertain"),
    ("Trace if any left effusion.", "pleural_effusion uncertain"),
    ("Pneumothorax, if present, is small.", "pneumothorax uncertain"),
    (
        "Airspace opacities consistent with infection or edema.",
        "lung_opacity present, pneumonia uncertain, edema uncertain",
    ),
    (
        "Opacity could be due to effusion and/or atelectasis.",
        "lung_opacity present, pleural_effusion uncertain, atelectasis uncertain",
    ),
]
SILENT = [
    "Evaluate for pneumonia.",
    "Status post treatment for pneumonia.",
    "If pneumonia is suspected, obtain a lateral film.",
    "No new consolidation.",
    "No other nodules.",
    "No additional fracture.",
    "No worsening edema.",
    "Indication: pneumonia.",
    "HISTORY: Shortness of breath, rule out effusion.",
    "Clinical history: pneumothorax.",
    "Reason for exam: evaluate effusion.",
    "Comparison: film with effusion.",
    "r/o PTX",
    "History of heart failure.",
    "Assess for interval change.",
    "Soft tissue edema of the chest wall.",
    "The mass effect is small.",
    "Pericardial effusion cannot be excluded.",
    "No acute cardiopulmonary process.",
    "Degenerative changes of the spine.",
    "Prior pneumothorax.",
]
STATED = [
    ("Status post median sternotomy with intact sternotomy wires.", "support_devices present"),
    ("Left PICC ends in the lower SVC.", "support_devices present"),
    ("ETT in standard position.", "support_devices present"),
    ("A Swan-Ganz catheter is in place.", "support_devices present"),
    ("Right IJ line terminates in the atrium.", "support_devices present"),
    ("Dual-chamber pacemaker leads are intact.", "support_devices present"),
    ("Compatible with edema.", "edema present"),
    ("Consistent with pneumonia.", "pneumonia present"),
    ("Kerley B lines.", "edema present"),
    ("Heart: enlarged.", "cardiomegaly present"),
    ("Heart: normal.", "cardiomegaly absent"),
    ("Pleural effusion: small.", "pleural_effusion present"),
    ("Healed rib fractures.", "fracture present"),
    ("Volume loss in the left lung.", "atelectasis present"),
    (
        "Cardiomegaly and a left effusion are seen.",
        "cardiomegaly present, pleural_effusion present",
    ),
    (
        "Mild cardiomegaly, edema, and effusions.",
        "cardiomegaly present, edema present, pleural_effusion present",
    ),
    ("Hydropneumothorax on the left.", "pleural_effusion present, pneumothorax present"),
    ("Increased interstitial markings.", "lung_opacity present"),
    ("Biapical scarring.", "pleural_other present"),
    ("Enlarged cardiomediastinal silhouette.", "enlarged_cardiomediastinum present"),
    ("Widened mediastinum.", "enlarged_cardiomediastinum present"),
    ("The heart size is mildly enlarged.", "cardiomegaly present"),
    ("The heart is top normal in size.", ""),
    ("2. Left effusion.", "pleural_effusion present"),
    ("The opacity is not well seen.", "lung_opacity present"),
    ("Pleural effusions are small, if any.", "pleural_effusion present"),
]
ALL_CLEAR = [
    (
        "The cardiac and mediastinal silhouettes are unremarkable.",
        "cardiomegaly absent, enlarged_cardiomediastinum absent",
    ),
    (
        "Cardiomediastinal silhouette is normal.",
        "cardiomegaly absent, enlarged_cardiomediastinum absent",
    ),
    ("Normal heart size.", "cardiomegaly absent"),
    ("Heart is normal in size.", "cardiomegaly absent"),
    ("The lungs are well expanded and clear.", "consolidation absent, lung_opacity absent"),
    ("Lungs clear.", "consolidation absent, lung_opacity absent"),
    ("The lungs are clear except for a nodule.", "lung_lesion present"),
    ("Aside from a nodule, the lungs are otherwise clear.", "lung_lesion present"),
    ("Pleural surfaces are unremarkable.", "pleural_effusion absent"),
    ("The costophrenic angles are sharp.", "pleural_effusion absent"),
    ("Pulmonary vasculature is normal.", "edema absent"),
    ("No acute osseous abnormality.", "fracture absent"),
    ("Osseous structures are grossly intact.", "fracture absent"),
    ("The lungs are not clear.", ""),
    (
        "Heart size and mediastinal contours are within normal limits.",
        "cardiomegaly absent, enlarged_cardiomediastinum absent",
    ),
]


def stated(text: str) -> set[str]:
    return {f"{found.label.name.lower()} {found.presence.value}" for found in statements(text)}


@pytest.mark.parametrize(("text", "expected"), DENIED)
def test_denials(text: str, expected: str) -> None:
    assert stated(text) == set(expected.split(", "))


@pytest.mark.parametrize(("text", "expected"), DENIAL_ENDS)
def test_where_a_denial_ends(text: str, expected: str) -> None:
    assert stated(text) == set(expected.split(", "))


@pytest.mark.parametrize(("text", "expected"), CHANGE)
def test_what_changes_or_does_not_is_there(text: str, expected: str) -> None:
    assert stated(text) == set(expected.split(", "))


@pytest.mark.parametrize(("text", "expected"), GONE)
def test_what_is_gone_is_absent(text: str, expected: str) -> None:
    assert stated(text) == set(expected.split(", "))


@pytest.mark.parametrize(("text", "expected"), DOUBTED)
def test_doubts(text: str, expected: str) -> None:
    assert stated(text) == set(expected.split(", "))


@pytest.mark.parametrize(("text", "expected"), STATED)
def test_plain_statements(text: str, expected: str) -> None:
    assert stated(text) == set(filter(None, expected.split(", ")))


@pytest.mark.parametrize(("text", "expected"), ALL_CLEAR)
def test_all_clears_of_an_organ(text: str, expected: str) -> None:
    assert stated(text) == set(filter(None, expected.split(", ")))


@pytest.mark.parametrize("text", SILENT)
def test_words_that_name_without_stating(text: str) -> None:
    assert stated(text) == set()


@pytest.mark.parametrize(
    ("text", "label", "side", "site"),
    [
        ("Effusions bilaterally.", "pleural_effusion", "bilateral", "pleura"),
        ("Effusions, right greater than left.", "pleural_effusion", "bilateral", "pleura"),
        ("Effusions are seen on both sides.", "pleural_effusion", "bilateral", "pleura"),
        ("RLL consolidation.", "consolidation", "right", "lower lung zone"),
        ("LUL nodule.", "lung_lesion", "left", "upper lung zone"),
        ("Opacity in the RML.", "lung_opacity", "right", "mid lung zone"),
        ("Lingular atelectasis.", "atelectasis", "left", "mid lung zone"),
        ("Bibasilar atelectasis.", "atelectasis", "bilateral", "lower lung zone"),
        ("Biapical scarring.", "pleural_other", "bilateral", "pleura"),
        ("Opacity within the left lower lung.", "lung_opacity", "left", "lower lung zone"),
        ("Perihilar opacities.", "lung_opacity", None, "hilar structures"),
        ("Retrocardiac opacity.", "lung_opacity", None, "lower lung zone"),
        ("Left upper lobe mass with right effusion.", "lung_lesion", "left", "upper lung zone"),
        ("Left upper lobe mass with right effusion.", "pleural_effusion", "right", "pleura"),
        ("Small right and moderate left effusions.", "pleural_effusion", "bilateral", "pleura"),
        ("Fractures of the right ribs.", "fracture", "right", "rib"),
        ("Compression fracture of a vertebral body.", "fracture", None, "spine"),
        ("No effusion on the left.", "pleural_effusion", "left", "pleura"),
        ("Right pneumothorax, no left effusion.", "pleural_effusion", "left", "pleura"),
        ("Right pneumothorax without effusion.", "pleural_effusion", None, "pleura"),
        (
            "Right apical pneumothorax, left base atelectasis.",
            "pneumothorax",
            "right",
            "apical zone",
        ),
        ("Left PICC and right effusion.", "support_devices", None, None),
        ("Right-sided effusion with left-sided edema.", "edema", "left", "lung"),
        ("Bilateral effusions, small on the left.", "pleural_effusion", "bilateral", "pleura"),
        ("Bilateral opacities and effusion on the left.", "pleural_effusion", "left", "pleura"),
        ("No pneumothorax after removal of the left tube.", "pneumothorax", None, "pleura"),
        ("Possible left basal pneumonia.", "pneumonia", "left", "lower lung zone"),
    ],
)
def test_sides_and_sites(text: str, label: str, side: str | None, site: str | None) -> None:
    found = next(item for item in statements(text) if item.label is Label[label.upper()])
    assert (found.side, found.site) == (side, site)
