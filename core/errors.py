"""Every error that FirstRead raises on purpose.

The tree::

    FirstReadError
    ├── PermanentError            trying again cannot help
    │   ├── SettingsError         a setting is wrong or missing
    │   │   └── WrongArgumentError what a command was called with is wrong
    │   ├── UnreadableObjectError bytes that are no usable DICOM object or picture
    │   ├── FileRemovedError      a file that the rule of retention removed
    │   ├── NotReadError          an intact object that must not be read, with the reason
    │   ├── UnparseableAnswerError the model's words make no sense
    │   ├── UnknownTaskError      the model was not trained for what it was asked
    │   ├── ModelFolderError      a model folder that may not be trusted
    │   ├── RefusedByPeerError    a peer said no for good
    │   ├── RefusedByEngineError  a model elsewhere said no to this very question
    │   ├── ReviewRefusedError    a draft that cannot be reviewed, or not in this way
    │   │   └── ReviewConflictError  somebody else was faster
    │   └── LostLeaseError        the work belongs to somebody else by now
    └── RetriableError            trying again may help
        ├── PeerUnavailableError  a peer is away, busy or out of resources
        │   └── ForbiddenPeerError  a peer that lies where nobody may be called
        ├── StorageFullError      the disk passed its mark
        ├── DatabaseAwayError     the database does not answer
        ├── StaleResultsError     results that were overtaken while they were built
        ├── OutOfMemoryError      the accelerator or the host has no memory left
        ├── EngineAwayError       a model elsewhere cannot be asked at present
        └── EngineAnswerError     what a model's endpoint sent is no answer

Only a `RetriableError` is ever tried again by a queue.
"""

from datetime import datetime


class FirstReadError(Exception):
    """Base of all errors of the project; its text is fit to be shown to an administrator."""


class PermanentError(FirstReadError):
    """Trying again cannot help."""


class RetriableError(FirstReadError):
    """Trying again may help."""


class SettingsError(PermanentError):
    """A setting is wrong or missing."""


class WrongArgumentError(SettingsError):
    """What a command was called with is wrong: an argument, or the value of an option."""


class UnreadableObjectError(PermanentError):
    """Bytes that are no usable DICOM object or picture."""


class FileRemovedError(PermanentError):
    """A file that the rule of retention removed; its row stays.

    Parameters
    ----------
    what
        What is missing with it, such as "the film's picture".
    removed_at
        When.
    """

    def __init__(self, what: str, removed_at: datetime) -> None:
        super().__init__(f"{what} was removed by retention on {removed_at:%Y-%m-%d}")


class NotReadError(PermanentError):
    """An intact object that must not be read; the text is the reason."""


class UnparseableAnswerError(PermanentError):
    """The model's words make no sense: the film fails, it never becomes normal."""


class UnknownTaskError(PermanentError):
    """A model was asked for something that its family was not trained for."""


class ModelFolderError(PermanentError):
    """A model folder that is incomplete, altered or of an unknown kind."""


class RefusedByPeerError(PermanentError):
    """A peer refused for good.

    Parameters
    ----------
    message
        What the peer said, in words.
    status
        The DIMSE status, where there was one.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class RefusedByEngineError(PermanentError):
    """A model elsewhere said no to this very question, such as one that is too long for it."""


class ReviewRefusedError(PermanentError):
    """A draft that cannot be reviewed, or not in this way; nothing was changed."""


class ReviewConflictError(ReviewRefusedError):
    """What a person looked at is no longer the latest; nothing was changed."""


class LostLeaseError(PermanentError):
    """A write under an old fencing token: the work belongs to somebody else by now."""


class PeerUnavailableError(RetriableError):
    """A peer is away, busy or out of resources.

    Parameters
    ----------
    message
        What happened, in words.
    status
        The DIMSE status, where there was one.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class ForbiddenPeerError(PeerUnavailableError):
    """A peer's address lies outside of the networks that may be called; it was not called.

    It is tried again, ever more slowly, since an administrator may move the peer or the networks.
    """


class StorageFullError(RetriableError):
    """The disk passed its mark."""


class DatabaseAwayError(RetriableError):
    """The database does not answer."""


class StaleResultsError(RetriableError):
    """What results were built upon changed meanwhile: they have to be built anew."""


class OutOfMemoryError(RetriableError):
    """The accelerator or the host has no memory left."""


class EngineAwayError(RetriableError):
    """A model elsewhere cannot be asked at present: no fault of any film, which waits."""


class EngineAnswerError(RetriableError):
    """What a model's endpoint sent is no answer, whatever the model may have said."""
