"""What is inside a reader that runs on this machine."""

from reader.engines.local import LocalEngine
from reader.engines.local_model import LocalModel
from reader.film_reader import FilmReader


def local_model(reader: FilmReader) -> LocalModel:
    """Give the loaded model of a reader."""
    assert isinstance(reader.engine, LocalEngine)
    return reader.engine.model
