"""What is told of a reading to who may see no patients."""

from typing import Any, Self

from pydantic import BaseModel

from core.labels import Label
from core.reading_json import reading_from_json, reading_to_json
from core.states import ReviewState, Verdict
from db.models import FindingVerdict
from db.readings_abroad import ReadingAbroad
from web.api.pseudonyms import Pseudonyms, without_names


class VerdictAbroad(BaseModel):
    """A radiologist's word on one finding, without the radiologist and without a note."""

    finding: str
    verdict: Verdict
    label: Label
    boxes: list[dict[str, Any]]


class FindingAbroad(BaseModel):
    """One finding."""

    finding: str
    label: str
    presence: str
    score: float | None
    site: str | None
    side: str | None
    boxes: list[dict[str, Any]]
    sentence: str | None


class ReadingOfNobody(BaseModel):
    """What a model said of a film, without the patient.

    Names are replaced by pseudonyms, times by the year. Texts are the model's, out of which the
    patient's name and numbers, and every date, were taken: those of the study as last told, so that
    a former name in one film's header is not known. The indication and persons' words are left out.
    """

    reading: str
    film: str
    study: str
    patient: str
    year: int
    """In which the film came in."""
    sex: str
    view: str
    current: bool
    shadow: bool
    withdrawn: bool
    tier: str
    model: dict[str, Any]
    flags: list[dict[str, Any]]
    findings: list[FindingAbroad]
    findings_text: str
    impression_text: str
    quality: list[str]
    checks: list[str]
    timings: dict[str, float]
    """Seconds by stage."""
    acts: list[ReviewState]
    verdicts: list[VerdictAbroad]

    @classmethod
    def of(cls, abroad: ReadingAbroad, names: Pseudonyms) -> Self:
        """Give a reading under pseudonyms."""
        row, study = abroad.reading, abroad.study
        said = reading_from_json(row.document or {})
        plain = reading_to_json(said)
        known = (study.patient_name, study.patient_id, study.accession, study.birth_date)

        def cleaned(text: str) -> str:
            return without_names(text, known)

        return cls(
            reading=names.name("reading", row.id),
            film=names.name("film", abroad.film.uid),
            study=names.name("study", study.uid),
            patient=names.name("patient", study.issuer, study.patient_id),
            year=abroad.film.received_at.year,
            sex=study.sex if study.sex in {"F", "M", "O"} else "",
            view=abroad.film.view if abroad.film.view in {"PA", "AP"} else "",
            current=row.current,
            shadow=row.shadow,
            withdrawn=row.withdrawn_code is not None,
            tier=row.tier.name.lower(),
            model=plain["model"],
            flags=plain["flags"],
            findings=[
                FindingAbroad(
                    **{
                        **{key: value for key, value in one.items() if key != "id"},
                        "finding": names.name("finding", one["id"]),
                        "sentence": one["sentence"] and cleaned(one["sentence"]),
                    }
                )
                for one in plain["findings"]
            ],
            findings_text=cleaned(said.report.findings),
            impression_text=cleaned(said.report.impression),
            quality=[remark.code for remark in said.quality],
            checks=[remark.code for remark in said.checks],
            timings=said.timings,
            acts=[act.act for act in abroad.acts],
            verdicts=[_verdict(one, names) for one in abroad.verdicts],
        )


def _verdict(row: FindingVerdict, names: Pseudonyms) -> VerdictAbroad:
    if row.verdict is None:
        message = "a verdict that was taken back is none"
        raise ValueError(message)
    return VerdictAbroad(
        finding=names.name("finding", row.finding_id),
        verdict=row.verdict,
        label=row.label,
        boxes=row.boxes,
    )
