"""Scripts of others are as their manifests say: name, version, digest, licence, and none beside."""

import shutil
from pathlib import Path

import pytest

from evaluation.vendor import MANIFESTS, differing, vendored


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.parents[1].name)
def test_every_file_is_as_its_manifest_says(manifest: Path) -> None:
    files = list(vendored(manifest))
    assert files
    assert all(file.version and file.licence for file in files)
    assert differing(manifest) == []


def test_an_altered_and_a_strange_file_are_found(tmp_path: Path) -> None:
    copy = shutil.copytree(MANIFESTS[0].parent, tmp_path / "vendor")
    (copy / "htmx.min.js").write_text("alert(1)")
    (copy / "other.js").touch()
    assert differing(copy / "manifest.json") == ["htmx.min.js", "other.js"]
