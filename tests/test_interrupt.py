# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C on the command line, while providers are silent."""

import os
import signal
import socket
import subprocess
import sys

import pytest

START = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs inherit that it is ignored
from swath._cli import main
sys.exit(main())
"""


@pytest.fixture
def silent():
    """A server that takes requests and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.mark.parametrize("names", [["planet"], ["sedas"], ["planet", "sedas"]])
def test_p47_interrupted_search_does_not_wait_for_a_silent_provider(tmp_path, silent, names):
    """Its time-outs and further tries would take minutes."""
    url = f"http://127.0.0.1:{silent.getsockname()[1]}"
    env = os.environ | {"HOME": str(tmp_path), "SWATH_HOME": str(tmp_path), "PL_API_KEY": "k"}
    env |= {"SEDAS_USERNAME": "u", "SEDAS_PASSWORD": "p", "SWATH_PLANET_URL": url, "SWATH_SEDAS_URL": f"{url}/api/"}
    arguments = [sys.executable, "-c", START, "search", *names, "--bbox", "5,52,6,53"]

    with subprocess.Popen(arguments, env=env, stderr=subprocess.PIPE, text=True) as process:
        taken = [silent.accept()[0] for _ in names]
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
        for connection in taken:
            connection.close()

    assert process.returncode == 130
    assert said.strip() == "Stopped."


def test_p47_interrupt_while_the_program_is_still_being_read_says_so_too(tmp_path):
    code = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from swath.__main__ import run

class Interrupting:
    def find_spec(self, name, *_):
        if name == "swath._cli.logs":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
run()
"""
    env = os.environ | {"HOME": str(tmp_path), "SWATH_HOME": str(tmp_path)}

    ended = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr.strip()) == (130, "Stopped.")
