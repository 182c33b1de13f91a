"""The published port: while it is listened on, after that, and with two listeners."""

from pathlib import Path

from core.port_file import published_port, read_port


def test_a_port_is_published_while_it_is_listened_on(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert read_port(data) is None
    with published_port(data, 4711):
        assert read_port(data) == 4711
    assert read_port(data) is None


def test_a_listener_leaves_its_successors_port_alone(tmp_path: Path) -> None:
    with published_port(tmp_path, 4711):
        with published_port(tmp_path, 4712):
            pass
        (tmp_path / "gateway.port").write_text("4713\n")
    assert read_port(tmp_path) == 4713


def test_each_door_has_a_port_of_its_own(tmp_path: Path) -> None:
    with published_port(tmp_path, 4711), published_port(tmp_path, 4712, "dicomweb"):
        assert (read_port(tmp_path), read_port(tmp_path, "dicomweb")) == (4711, 4712)


def test_a_torn_file_names_no_port(tmp_path: Path) -> None:
    (tmp_path / "gateway.port").write_text("")
    assert read_port(tmp_path) is None
