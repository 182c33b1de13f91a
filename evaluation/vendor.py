"""Brings the scripts of others that pages and their tests use, from npm's registry.

`python -m evaluation.vendor` asks `npm pack` for each package of the manifests, at the version that
stands there, takes the named files out of it, and writes their digests back; `--check` only holds
the files that are here against the manifests. Nothing is ever loaded from elsewhere by a browser.
"""

import argparse
import hashlib
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_ROOT: Final = Path(__file__).parents[1]
MANIFESTS: Final = (
    _ROOT / "web" / "static" / "vendor" / "manifest.json",
    _ROOT / "tests" / "browser" / "vendor" / "manifest.json",
)


@dataclass(frozen=True, slots=True)
class Vendored:
    """One file of somebody else's package.

    Parameters
    ----------
    path
        Where it is here.
    package, version
        Of which npm package.
    member
        Its path inside the package.
    sha256
        Of its bytes.
    licence
        SPDX identifier.
    """

    path: Path
    package: str
    version: str
    member: str
    sha256: str
    licence: str


def vendored(manifest: Path) -> Iterator[Vendored]:
    """Give the files of a manifest: a JSON list of packages, each with its files."""
    for package in json.loads(manifest.read_text()):
        for file in package["files"]:
            yield Vendored(
                path=manifest.parent / file["name"],
                package=package["name"],
                version=package["version"],
                member=file["member"],
                sha256=file["sha256"],
                licence=package["licence"],
            )


def differing(manifest: Path) -> list[str]:
    """Name what is not as the manifest says: a file that is missing, altered, or not in it."""
    known = {file.path: file.sha256 for file in vendored(manifest)}
    here = {path for path in manifest.parent.iterdir() if path != manifest}
    wrong = [
        path.name for path, digest in known.items() if path not in here or _digest(path) != digest
    ]
    return sorted([*wrong, *(path.name for path in here - known.keys())])


def bring(manifest: Path) -> None:
    """Bring every file of a manifest anew, and write the digests back."""
    packages: list[dict[str, Any]] = json.loads(manifest.read_text())
    for package in packages:
        with tempfile.TemporaryDirectory() as folder:
            archive = _packed(f"{package['name']}@{package['version']}", Path(folder))
            with tarfile.open(archive) as members:
                for file in package["files"]:
                    found = members.extractfile(f"package/{file['member']}")
                    if found is None:
                        message = f"{package['name']} holds no file {file['member']}"
                        raise ValueError(message)
                    path = manifest.parent / file["name"]
                    path.write_bytes(found.read())
                    file["sha256"] = _digest(path)
    manifest.write_text(json.dumps(packages, indent=2) + "\n")


def _packed(what: str, folder: Path) -> Path:
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), what]
    subprocess.run(command, check=True, capture_output=True)
    (archive,) = folder.iterdir()
    return archive


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> None:
    """Bring the files, or check them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="bring nothing")
    only_check = parser.parse_args().check
    for manifest in MANIFESTS:
        if not only_check:
            bring(manifest)
        wrong = differing(manifest)
        print(f"{manifest.relative_to(_ROOT)}: {', '.join(wrong) or 'as it should be'}")
        if wrong:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
