"""The model side: a film's picture in, a `core.reading.Reading` out.

Knows no DICOM and no database, and runs where only torch, transformers, numpy and PIL are. A
model is read from a local folder and nothing is ever fetched: every loader below is told to use
local files only, and the hub client is told so too before it is first imported.
"""

import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")
