"""A reporting system that speaks MLLP, as a program: `python -m tests.peers.mllp_server`.

It reads with the `hl7` library, so that nothing of ours tells whether a message is well framed and
well formed. Each message is on disk (fsync) before it is answered. How it is answered stands in a
file of one word a line, of which each message takes the first; once it is empty, AA.
"""

import argparse
import asyncio
import json
import os
import signal
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import hl7
import hl7.mllp

from tests.peers.mllp_answers import Answer, pop_answer

_SLOW = 0.05


@dataclass
class _System:
    """What the program knows.

    Parameters
    ----------
    journal
        File of the messages, a line each.
    script
        File of the answers.
    """

    journal: Path
    script: Path

    async def serve(
        self, reader: hl7.mllp.HL7StreamReader, writer: hl7.mllp.HL7StreamWriter
    ) -> None:
        """Take the messages of one connection until it ends."""
        try:
            while True:
                data = await reader.readblock()
                message = hl7.parse(data.decode("utf-8"))
                answer = pop_answer(self.script)
                self._note(data, message, answer)
                if not await self._answer(writer, message, answer):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _note(self, data: bytes, message: hl7.Message, answer: Answer) -> None:
        line = {
            "control_id": str(message.segment("MSH")[10]),
            "data": data.decode("utf-8"),
            "answered": answer.word,
        }
        with self.journal.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())

    async def _answer(
        self, writer: hl7.mllp.HL7StreamWriter, message: hl7.Message, answer: Answer
    ) -> bool:
        """Answer as the script says; False where the connection is to end."""
        odd = _ODD.get(answer.word)
        if odd is not None:
            return await odd(writer, message)
        if answer.word == "delay":
            await asyncio.sleep(float(answer.detail))
        code = "AA" if answer.word in {"delay", "AA-close"} else answer.word
        writer.writeblock(acknowledgement(message, code, answer.detail).encode())
        await writer.drain()
        return answer.word != "AA-close"


def acknowledgement(message: hl7.Message, code: str, detail: str = "") -> str:
    """Give the acknowledgement of a message, with ERR where a refusal tells its code."""
    answer = str(message.create_ack(code))
    if code[1:] != "A" and detail:
        answer = f"{answer.rstrip(chr(13))}\rERR||OBR^1^2|{detail}^^HL70357|E||||said so\r"
    return answer


async def _nothing(_writer: hl7.mllp.HL7StreamWriter, _message: hl7.Message) -> bool:
    return True


async def _close(_writer: hl7.mllp.HL7StreamWriter, _message: hl7.Message) -> bool:
    return False


async def _half(writer: hl7.mllp.HL7StreamWriter, message: hl7.Message) -> bool:
    framed = b"\x0b" + acknowledgement(message, "AA").encode()
    writer.write(framed[: len(framed) // 2])
    await writer.drain()
    return False


async def _garbage(writer: hl7.mllp.HL7StreamWriter, _message: hl7.Message) -> bool:
    writer.writeblock(b"\xff\xfe<html>502 Bad Gateway</html>")
    await writer.drain()
    return True


async def _unframed(writer: hl7.mllp.HL7StreamWriter, message: hl7.Message) -> bool:
    writer.write(acknowledgement(message, "AA").encode() + b"\x1c\x0d")
    await writer.drain()
    return True


async def _other(writer: hl7.mllp.HL7StreamWriter, message: hl7.Message) -> bool:
    answer = acknowledgement(message, "AA").replace(str(message.segment("MSH")[10]), "SOMEBODY")
    writer.writeblock(answer.encode())
    await writer.drain()
    return True


async def _twice(writer: hl7.mllp.HL7StreamWriter, message: hl7.Message) -> bool:
    for _number in range(2):
        writer.writeblock(acknowledgement(message, "AA").encode())
    await writer.drain()
    return True


async def _flood(writer: hl7.mllp.HL7StreamWriter, _message: hl7.Message) -> bool:
    for _number in range(64):
        writer.write(b"\x0b" + b"MSH|" * 4096)
        await writer.drain()
    return True


async def _dribble(writer: hl7.mllp.HL7StreamWriter, _message: hl7.Message) -> bool:
    while True:
        writer.write(b"M")
        await writer.drain()
        await asyncio.sleep(_SLOW)


async def _crash(_writer: hl7.mllp.HL7StreamWriter, _message: hl7.Message) -> bool:
    os.kill(os.getpid(), signal.SIGKILL)
    return False


_ODD: dict[str, Callable[[hl7.mllp.HL7StreamWriter, hl7.Message], Awaitable[bool]]] = {
    "nothing": _nothing,
    "close": _close,
    "half": _half,
    "garbage": _garbage,
    "unframed": _unframed,
    "other": _other,
    "twice": _twice,
    "flood": _flood,
    "dribble": _dribble,
    "crash": _crash,
}


async def _run(options: argparse.Namespace) -> None:
    context = None
    if options.certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=options.client_ca)
        context.load_cert_chain(options.certificate, options.key)
        if options.client_ca:
            context.verify_mode = ssl.CERT_REQUIRED
    system = _System(options.journal, options.script)
    server = await hl7.mllp.start_hl7_server(
        system.serve, "127.0.0.1", options.port, encoding="utf-8", ssl=context
    )
    async with server:
        await server.serve_forever()


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("journal", type=Path)
    parser.add_argument("script", type=Path)
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--client-ca")
    asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
