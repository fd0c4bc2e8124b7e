# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest

from swath._home import config_dir, ensure_private_dir, read_private, state_dir, tighten, write_private
from swath.errors import ConfigurationError

posix = pytest.mark.skipif(os.name != "posix", reason="modes and links are POSIX's")


def mode(path):
    return path.stat().st_mode & 0o777


@pytest.fixture
def open_umask():
    old = os.umask(0)
    yield
    os.umask(old)


@pytest.mark.parametrize("where", [state_dir, config_dir])
def test_folders_when_swath_home_is_set_are_that(where, tmp_path):
    assert where({"SWATH_HOME": str(tmp_path / "here")}) == tmp_path / "here"
    assert not (tmp_path / "here").exists()


@pytest.mark.parametrize("where", [state_dir, config_dir])
def test_folders_when_swath_home_is_relative_are_full_paths(where, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "me"))

    assert where({"SWATH_HOME": "here"}) == tmp_path / "here"
    assert where({"SWATH_HOME": "~/s"}) == tmp_path / "me" / "s"


@pytest.mark.skipif(sys.platform != "linux", reason="the names are Linux's")
@pytest.mark.parametrize("environ", [{}, {"SWATH_HOME": ""}, {"SWATH_HOME": "  "}])
def test_folders_when_swath_home_is_absent_are_the_platforms(environ, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    assert state_dir(environ) == tmp_path / "state" / "swath"
    assert config_dir(environ) == tmp_path / "config" / "swath"
    assert list(tmp_path.iterdir()) == []


def test_folders_when_no_environment_is_given_use_the_process(tmp_path, monkeypatch):
    monkeypatch.setenv("SWATH_HOME", str(tmp_path))

    assert state_dir() == config_dir() == tmp_path


@posix
def test_folders_when_the_user_is_unknown_say_so():
    with pytest.raises(ConfigurationError, match="SWATH_HOME='~nosuchuser/x'"):
        state_dir({"SWATH_HOME": "~nosuchuser/x"})


def test_p40_importing_and_asking_writes_nothing(tmp_path):
    script = textwrap.dedent(
        """
        import swath._credentials, swath._home, swath._ledger, swath._tokens, swath._waiting
        from swath._clock import SystemClock
        swath._ledger.Ledger(swath._home.state_dir() / "ledger.sqlite3", clock=SystemClock())
        swath._tokens.TokenCache("key", directory=swath._home.state_dir() / "tokens", clock=SystemClock())
        swath._credentials.credentials_path()
        """
    )
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}

    subprocess.run([sys.executable, "-c", script], env=environ, check=True, timeout=120)

    assert list(tmp_path.iterdir()) == []


@posix
def test_p25_folder_and_its_new_parents_are_private_under_an_open_umask(tmp_path, open_umask):
    made = ensure_private_dir(tmp_path / "a" / "b" / "c")

    assert made == tmp_path / "a" / "b" / "c"
    assert [mode(path) for path in (made, made.parent, made.parent.parent)] == [0o700] * 3


@posix
def test_p25_an_open_folder_is_tightened_and_that_is_said_once(tmp_path, caplog):
    folder = tmp_path / "home"
    folder.mkdir()
    folder.chmod(0o755)

    for _ in range(2):
        ensure_private_dir(folder)

    assert mode(folder) == 0o700
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert str(folder) in caplog.text


@posix
@pytest.mark.parametrize("kind", ["current", "home", "sticky"])
def test_a_folder_that_serves_others_too_keeps_its_mode(tmp_path, monkeypatch, kind):
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o1777 if kind == "sticky" else 0o755)
    if kind == "current":
        monkeypatch.chdir(folder)
    if kind == "home":
        monkeypatch.setenv("HOME", str(folder))

    ensure_private_dir(folder)

    assert mode(folder) == (0o777 if kind == "sticky" else 0o755)


def test_ensure_private_dir_when_a_file_is_there_says_so(tmp_path):
    (tmp_path / "file").write_text("x")

    with pytest.raises(ConfigurationError, match="should be a folder and is not"):
        ensure_private_dir(tmp_path / "file")
    with pytest.raises(ConfigurationError, match="cannot be made"):
        ensure_private_dir(tmp_path / "file" / "below" / "deeper")


@posix
def test_p25_file_is_0600_under_an_open_umask(tmp_path, open_umask):
    path = tmp_path / "home" / "secret.json"
    seen = []

    write_private(path, b"one")
    seen.append(mode(path))
    write_private(path, b"two")
    seen.append(mode(path))

    assert read_private(path) == b"two"
    assert seen == [0o600, 0o600]
    assert [entry.name for entry in path.parent.iterdir()] == ["secret.json"]


def test_write_private_when_it_fails_keeps_the_old_and_leaves_nothing(tmp_path):
    path = tmp_path / "secret.json"
    write_private(path, b"old")

    with pytest.raises(TypeError):
        write_private(path, "no bytes")

    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret.json"]


def test_write_private_when_its_place_is_a_folder_says_so(tmp_path):
    (tmp_path / "secret.json").mkdir()

    with pytest.raises(ConfigurationError, match=r"secret\.json cannot be written"):
        write_private(tmp_path / "secret.json", b"x")

    assert [entry.name for entry in tmp_path.iterdir()] == ["secret.json"]


@posix
def test_p25_a_symbolic_link_is_refused_both_ways(tmp_path):
    target = tmp_path / "netrc"
    target.write_bytes(b"mine")
    link = tmp_path / "secret.json"
    link.symlink_to(target)

    with pytest.raises(ConfigurationError, match="is a symbolic link"):
        read_private(link)
    with pytest.raises(ConfigurationError, match="is a symbolic link"):
        write_private(link, b"theirs")

    assert link.is_symlink()
    assert target.read_bytes() == b"mine"


@posix
def test_p25_a_link_to_nowhere_is_refused_too(tmp_path):
    link = tmp_path / "secret.json"
    link.symlink_to(tmp_path / "absent")

    with pytest.raises(ConfigurationError, match="is a symbolic link"):
        write_private(link, b"x")

    assert not (tmp_path / "absent").exists()


@posix
def test_p25_an_open_file_is_tightened_and_that_is_said_once(tmp_path, caplog):
    path = tmp_path / "secret.json"
    path.write_bytes(b"x")
    path.chmod(0o644)

    assert [read_private(path) for _ in range(2)] == [b"x", b"x"]

    assert mode(path) == 0o600
    assert [record.getMessage() for record in caplog.records] == [
        f"{path} could be read by others (mode 0644); its mode is now 0600"
    ]


@posix
def test_tighten_when_private_says_nothing(tmp_path, caplog):
    path = tmp_path / "secret.json"
    write_private(path, b"x")

    tighten(path)

    assert caplog.records == []


def test_read_private_when_absent_gives_none(tmp_path):
    assert read_private(tmp_path / "absent") is None
    (tmp_path / "file").write_text("x")
    assert read_private(tmp_path / "file" / "below") is None


@posix
def test_read_private_when_it_is_no_plain_file_says_so(tmp_path):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")

    for name in ("folder", "pipe"):
        with pytest.raises(ConfigurationError, match="should be a file and is not"):
            read_private(tmp_path / name)


@contextlib.contextmanager
def folder_of_root():
    """Give a folder to look at with another user's eyes, outside pytest's own, which that user cannot enter."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        folder.chmod(0o700)
        shutil.rmtree(folder)


@contextlib.contextmanager
def as_user(number):
    os.seteuid(number)
    try:
        yield
    finally:
        os.seteuid(0)


needs_root = pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can become somebody else")


@needs_root
def test_read_private_when_the_folder_is_closed_to_us_gives_none():
    """In a container that runs under a number, the home folder is often root's."""
    with folder_of_root() as folder:
        write_private(folder / "secret.json", b"x")
        folder.chmod(0o700)
        with as_user(65534):
            assert read_private(folder / "secret.json") is None


@needs_root
def test_read_private_when_the_file_is_closed_to_us_says_so():
    with folder_of_root() as folder:
        write_private(folder / "secret.json", b"x")
        folder.chmod(0o755)
        with as_user(65534), pytest.raises(ConfigurationError, match="cannot be read: Permission denied"):
            read_private(folder / "secret.json")


@needs_root
def test_read_private_when_it_is_another_users_says_so():
    with folder_of_root() as folder:
        path = folder / "secret.json"
        path.write_bytes(b"planted")
        os.chown(path, 12345, 12345)
        path.chmod(0o644)
        with as_user(65534), pytest.raises(ConfigurationError, match=r"belongs to another user \(uid 12345\)"):
            read_private(path)
        assert read_private(path) == b"planted"  # root may: a folder of the host's user, mounted into a container


@needs_root
def test_read_private_when_roots_file_cannot_be_tightened_says_so_and_reads(caplog):
    """Secrets that an orchestrator mounts are root's."""
    with folder_of_root() as folder:
        path = folder / "secret.json"
        path.write_bytes(b"mounted")
        path.chmod(0o644)
        with as_user(65534):
            assert read_private(path) == b"mounted"

    assert "cannot be tightened" in caplog.text
