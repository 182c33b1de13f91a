"""Recognises our own results that come back.

Automatic routes of an archive send all that it stores, our drafts among it. Refusing them would
jam the route, and reading or forwarding them would loop for ever.
"""

from pydicom.dataset import Dataset
from sqlalchemy import select

from core.film_facts import FILM_CLASSES
from db.engine import Database
from db.models import ResultObject
from dicom_sr.product import MANUFACTURER, PRODUCT
from gateway.contexts import RESULT_CLASSES
from gateway.headers import text


def is_own_result(db: Database, header: Dataset) -> bool:
    """Tell whether an object is a result of this or another installation of FirstRead.

    Parameters
    ----------
    db
        Whose result objects are known by their UIDs.
    header
        The object's header.

    Returns
    -------
    bool
        True for a class of ours that bears our manufacturer's name, or whose UID is in the table
        of results. A picture of ours bears our product's name, too: phantom films bear the
        manufacturer's alone, and are films.

    Raises
    ------
    DatabaseAwayError
        If the table cannot be asked.
    """
    sop_class = text(header, "SOPClassUID")
    if sop_class not in RESULT_CLASSES:
        return False
    is_film = sop_class in FILM_CLASSES and text(header, "ManufacturerModelName") != PRODUCT
    if text(header, "Manufacturer") == MANUFACTURER and not is_film:
        return True
    with db.read() as session:
        uid = text(header, "SOPInstanceUID")
        return session.scalar(select(ResultObject.id).where(ResultObject.uid == uid)) is not None
