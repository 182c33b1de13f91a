"""A real Orthanc that plays the PACS."""

import json
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path
from typing import Any

from evaluation.servers.process import ServerProcess, free_port
from evaluation.servers.program import program

_DICOMWEB = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")


class Orthanc:
    """An Orthanc that takes everything from everybody, on free ports.

    Parameters
    ----------
    folder
        Where it keeps its configuration, objects, index and log.
    """

    def __init__(self, folder: Path) -> None:
        self.ae_title = "ORTHANC"
        self.dicom_port = free_port()
        http_port = free_port()
        self.http_url = f"http://127.0.0.1:{http_port}"
        configuration = folder / "orthanc.json"
        configuration.write_text(
            json.dumps(
                {
                    "Name": "FirstRead",
                    "StorageDirectory": str(folder / "storage"),
                    "IndexDirectory": str(folder / "index"),
                    "HttpPort": http_port,
                    "DicomPort": self.dicom_port,
                    "DicomAet": self.ae_title,
                    "AuthenticationEnabled": False,
                    "RemoteAccessAllowed": False,
                    "DicomAlwaysAllowStore": True,
                    "DicomAlwaysAllowEcho": True,
                    "DicomAlwaysAllowFind": True,
                    "DicomAlwaysAllowGet": True,
                    "DicomAlwaysAllowMove": True,
                    "DicomCheckCalledAet": False,
                    "UnknownSopClassAccepted": True,
                    "StableAge": 1,
                    "Plugins": [str(_DICOMWEB)] if _DICOMWEB.is_file() else [],
                }
            )
        )
        self.process = ServerProcess(
            [program("Orthanc", "orthanc"), configuration], folder / "orthanc.log", self.answers
        )

    def answers(self) -> bool:
        """Tell whether its REST interface answers."""
        return bool(self.get("/system"))

    def get(self, path: str) -> Any:
        """GET a path of the REST interface.

        Returns
        -------
        Any
            The JSON answer.
        """
        return json.loads(self._ask("GET", path))

    def get_bytes(self, path: str) -> bytes:
        """GET a path of the REST interface that answers a file."""
        return self._ask("GET", path)

    def post(self, path: str, value: Any) -> Any:
        """POST a value as JSON, and give the JSON answer."""
        return json.loads(self._ask("POST", path, json.dumps(value).encode()))

    def put(self, path: str, value: Any) -> None:
        """PUT a value as JSON."""
        self._ask("PUT", path, json.dumps(value).encode())

    def add_modality(self, name: str, ae_title: str, port: int) -> None:
        """Make an AE on 127.0.0.1 known, to send to and to be moved to."""
        self.put(f"/modalities/{name}", [ae_title, "127.0.0.1", port])

    def find(self, level: str, **query: str) -> list[dict[str, Any]]:
        """Find resources by DICOM keywords.

        Parameters
        ----------
        level
            `Patient`, `Study`, `Series` or `Instance`.
        **query
            Keyword and value, as in `StudyInstanceUID="1.2.3"`.

        Returns
        -------
        list of dict
            The expanded resources; their tags lie under `MainDicomTags`.
        """
        found: list[dict[str, Any]] = self.post(
            "/tools/find", {"Level": level, "Query": query, "Expand": True}
        )
        return found

    def download(self, sop_instance_uid: str, folder: Path) -> Path:
        """Fetch one instance as the file that it holds.

        Returns
        -------
        Path
            The file, in the given folder.
        """
        (instance,) = self.find("Instance", SOPInstanceUID=sop_instance_uid)
        path = folder / f"{sop_instance_uid}.dcm"
        path.write_bytes(self.get_bytes(f"/instances/{instance['ID']}/file"))
        return path

    def lose(self, sop_instance_uid: str) -> None:
        """Forget one instance, as if it had never been stored."""
        (instance,) = self.find("Instance", SOPInstanceUID=sop_instance_uid)
        self._ask("DELETE", f"/instances/{instance['ID']}")

    def clear(self) -> None:
        """Forget every patient."""
        for identity in self.get("/patients"):
            self._ask("DELETE", f"/patients/{identity}")

    def start(self) -> None:
        """Start it on the same ports as ever, with all it held."""
        self.process.start()

    def stop(self) -> None:
        """End it: connections are refused until `start`."""
        self.process.stop()

    def pause(self) -> None:
        """Freeze it: connections are taken and nothing is answered until `resume`."""
        self.process.pause()

    def resume(self) -> None:
        """Let it go on."""
        self.process.resume()

    @property
    def running(self) -> bool:
        """Whether the process lives (it may be frozen)."""
        return self.process.running

    def _ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        request = urllib.request.Request(self.http_url + path, body, method=method)  # noqa: S310 - http, to ourselves
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
                content: bytes = answer.read()
        except urllib.error.HTTPError as error:
            with error:
                message = f"{method} {path}: {HTTPStatus(error.code).phrase}"
            raise LookupError(message) from error
        return content
