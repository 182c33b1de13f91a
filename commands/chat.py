"""A conversation about one film at the terminal."""

import io
import sys
from pathlib import Path

from commands.chat_tasks import carry_out
from commands.output import console, printable
from core.errors import RetriableError, UnknownTaskError, UnparseableAnswerError
from core.settings import load_settings
from imaging.film import load_film
from reader.protocol import Conversation
from worker.model import load_model
from worker.quality import quality_remarks


def chat(path: Path | None, file: Path) -> None:
    """Answer questions from standard input, one a line, each with the turns before it in mind.

    A line that begins with a stroke is one of the model's own tasks (`commands.chat_tasks`). A
    blank line or the end of the input ends the conversation. Answers are the model's words, not
    part of any report.

    Raises
    ------
    UnreadableObjectError, NotReadError
        If the file is no film that can be shown to a model.
    """
    settings = load_settings(path)
    film = load_film(file, maximum_pixels=settings.gateway.maximum_pixels)
    speak = console()
    with speak.status("loading the model"):
        reader = load_model(settings.worker)
    identity = reader.identity
    speak.print(f"{identity.name} {identity.version}: {identity.intended_use}")
    for remark in quality_remarks(film.pixels, "remark"):
        speak.print(printable(remark.text))
    conversation = reader.chat(film.pixels)
    asks = sys.stdin.isatty()
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    while question := _next_question(prompt="> " if asks else ""):
        try:
            _answer(conversation, question)
        except (ValueError, UnknownTaskError) as error:
            speak.print(f"not asked: {printable(error)}")
        except (UnparseableAnswerError, RetriableError) as error:
            # The turn is not kept; the next question may fare better.
            speak.print(f"no answer: {printable(error)}")
        _write("\n")
    turns = len(conversation.turns)
    speak.print(f"turns kept: {turns}; encodings of the film: {conversation.encodings}")


def _answer(conversation: Conversation, question: str) -> None:
    if question.startswith("/"):
        _write(carry_out(conversation.look, question))
    else:
        conversation.ask(question, on_text=_write)


def _next_question(prompt: str) -> str:
    try:
        return input(prompt).strip()
    except EOFError:
        return ""


def _write(piece: str) -> None:
    sys.stdout.write("".join(char if char == "\n" else printable(char) for char in piece))
    sys.stdout.flush()
