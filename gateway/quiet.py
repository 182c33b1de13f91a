"""Keeps the libraries of the edge from writing down what passes through them.

They log or warn with the values they meet, and those are patients' names and dates. What
FirstRead has to say of an association it says itself, with ids only.
"""

import logging
import warnings

import pydicom.config
from pynetdicom import _config


def silence() -> None:
    """Stop them from logging values; may be called any number of times."""
    _config.LOG_HANDLER_LEVEL = "none"
    _config.LOG_REQUEST_IDENTIFIERS = False
    _config.LOG_RESPONSE_IDENTIFIERS = False
    for name in ("pynetdicom", "pydicom", "python_multipart", "uvicorn"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL + 1)
        logger.propagate = False
    # Values that break their VR's rules are common in the field; each warning quotes one.
    pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
    warnings.filterwarnings("ignore", module=r"(pydicom|pynetdicom)\.")
