# SPDX-License-Identifier: Apache-2.0
"""Kill the life cycle at random moments, take it up again in a new process, and look at what is left.

Each trial runs ``swath acquire`` in a process of its own against Planet's stand-in, kills it by ``SIGKILL`` at a random
moment (sometimes the process that takes it up again, too), and then runs ``swath resume --all`` and the same ``swath
acquire`` once more, ten minutes later by their clock. In the end the stand-in must have seen exactly one order, each
file must be the one that an undisturbed run gives, and the ledger must have nothing left to do.

Run by ``make soak``; 20 trials are part of the normal tests (``tests/test_kills.py``).
"""

from __future__ import annotations

import argparse
import concurrent.futures
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Self

from swath._clock import SystemClock
from swath._ledger import Ledger
from swath.sandbox import Sandbox, World

ORDERS = r"/compute/ops/orders/v2$"
LATER_S = 600
SEARCH = ["planet", "-c", "PSScene", "--bbox", "5.4,52.4,5.6,52.6", "-d", "2026-06", "-n", "1", "--bundle", "visual"]
NURSERY = """
import datetime as dt, json, os, sys, time
from swath import _clock
import swath._cli.acquire, swath._cli.recover, swath._open, swath._provider, swath._transfer, swath._session
import swath_planet.provider, swath_planet.ordering, swath_planet.results, swath_planet.tracking

def live(order):
    os.environ.clear()
    os.environ.update(order["env"])
    sys.path[:0] = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    for number, path in ((1, order["out"]), (2, order["err"])):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    # This process runs some minutes later than the others, and its clock 40 times faster: so waits are short.
    real = time.monotonic
    begun, begun_s = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=order["later_s"]), real()
    _clock.SystemClock.now = lambda self: begun + dt.timedelta(seconds=(real() - begun_s) * 40)
    _clock.SystemClock.monotonic = lambda self: real() * 40
    _clock.SystemClock.sleep = lambda self, seconds, *, wake=None: (
        wake.wait(seconds / 40) if wake is not None else bool(time.sleep(seconds / 40))
    )
    code, commands = 0, [[]]
    for word in order["arguments"]:
        if word == "and then":
            commands.append([])
        else:
            commands[-1].append(word)
    for command in commands:
        code = swath._cli.main(command)
    sys.exit(code)

answers = os.fdopen(os.dup(1), "w")
for line in sys.stdin:
    order = json.loads(line)
    if "arguments" in order:
        number = os.fork()
        if not number:
            answers.close()
            live(order)  # ends by SystemExit, as every process does
        print(number, file=answers, flush=True)
    else:
        number, status = os.waitpid(order["pid"], os.WNOHANG)
        print(os.waitstatus_to_exitcode(status) if number else "", file=answers, flush=True)
"""


class Child:
    """A process that a nursery forked.

    Args:
        nursery: Its parent.
        pid: Its number.
        said: The files that take its two outputs.
    """

    def __init__(self, nursery: Nursery, pid: int, said: tuple[Path, Path]) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._nursery = nursery
        self._said = said

    def poll(self) -> int | None:
        """Give its exit code, once it has ended."""
        if self.returncode is None:
            answer = self._nursery.ask(pid=self.pid)
            self.returncode = int(answer) if answer else None
        return self.returncode

    def communicate(self, timeout: float) -> tuple[str, str]:
        """Wait until it has ended, and give what it said."""
        end_s = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > end_s:
                os.kill(self.pid, signal.SIGKILL)
                raise AssertionError(f"process {self.pid} did not end: {self._said[1].read_text()}")
            time.sleep(0.005)
        return self._said[0].read_text(), self._said[1].read_text()


class Nursery:
    """Starts processes that have imported all they need: each is a fork of one that has done nothing else.

    Args:
        folder: For the files that take their outputs.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self._lock = threading.Lock()
        env = {name: value for name, value in os.environ.items() if not name.startswith(("SWATH_", "PL_"))}
        self._process = subprocess.Popen(
            [sys.executable, "-c", NURSERY], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, **order: Any) -> str:
        """Send an order and give the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        if not answer:
            raise AssertionError("the nursery has died")
        return answer.strip()

    def start(self, arguments: list[str], *, env: dict[str, str], later_s: float) -> Child:
        """Start a process."""
        self._count += 1
        said = (self._folder / f"said-{self._count % 50}.out", self._folder / f"said-{self._count % 50}.err")
        pid = self.ask(arguments=arguments, env=env, later_s=later_s, out=str(said[0]), err=str(said[1]))
        return Child(self, int(pid), said)

    def close(self) -> None:
        """End it."""
        self._process.communicate(timeout=30)


class Life:
    """One user's machine: an own home and target folder, and processes that share them.

    Args:
        sandbox: Planet's stand-in.
        nursery: Where its processes come from.
        folder: Where everything is.
        environ: Further environment of the processes.
    """

    def __init__(self, sandbox: Sandbox, nursery: Nursery, folder: Path, **environ: str) -> None:
        self.sandbox = sandbox
        self.nursery = nursery
        self.home, self.data = folder / "home", folder / "data"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SWATH_", "PL_"))}
        self.env = {**kept, **sandbox.env, "SWATH_HOME": str(self.home), **environ}
        self.acquire = ["acquire", *SEARCH, "-o", str(self.data)]
        self.resume = ["resume", "--all", "-o", str(self.data)]

    def start(self, arguments: list[str], later_s: float = 0) -> Child:
        """Start a process."""
        return self.nursery.start(arguments, env=self.env, later_s=later_s)

    def run(self, arguments: list[str], later_s: float = 0) -> tuple[int, str]:
        """Run a process to its end, and give its exit code and what it said."""
        process = self.start(arguments, later_s)
        said, complained = process.communicate(timeout=300)
        return process.returncode, said + complained

    def kill(self, process: Child) -> bool:
        """Kill a process; whether it was still alive."""
        alive = process.poll() is None
        if alive:
            os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)
        return alive and process.returncode == -signal.SIGKILL

    def posts(self) -> int:
        """Count the orders that the stand-in was sent."""
        return len(self.sandbox.log.entries(method="POST", path=ORDERS))

    def files(self) -> dict[str, str]:
        """Give the SHA-256 of each file that belongs to an item, by its path; receipts name the order and are left."""
        found = {}
        for path in sorted(self.data.rglob("*")):
            inner = path.relative_to(self.data)
            if path.is_file() and len(inner.parts) > 2:
                found[str(inner)] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    def trouble(self, wanted: dict[str, str]) -> list[str]:
        """Say what is not as it should be in the end; nothing, if all is well."""
        import swath

        found = []
        if self.posts() != 1:
            found.append(f"{self.posts()} orders were sent")
        if self.files() != wanted:
            found.append(f"files differ: {sorted(set(self.files().items()) ^ set(wanted.items()))}")
        if self.data.exists() and not swath.verify(self.data).is_ok:
            found.append(f"not verified: {swath.verify(self.data).failed}")
        ledger = Ledger(self.home / "ledger.sqlite3", clock=SystemClock())
        entries = ledger.entries()
        ledger.close()
        found += [f"{entry.order.tag} is left {entry.order.state}" for entry in entries if entry.is_open]
        done = [entry for entry in entries if entry.order.state == "succeeded" and entry.received]
        if len(done) != 1 or ledger.set_aside is not None:
            found.append(f"{len(done)} orders were received; the ledger was set aside as {ledger.set_aside}")
        return found


class Killer:
    """Runs trials against a stand-in of its own.

    Args:
        folder: Where they work.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sandbox = Sandbox(["planet"], world=World(speed=400.0, rate_limits=False))
        folder.mkdir(parents=True, exist_ok=True)
        self.nursery = Nursery(folder)
        self.wanted: dict[str, str] = {}
        self.length_s = 0.0

    def __enter__(self) -> Self:
        self.sandbox.start()
        life = Life(self.sandbox, self.nursery, self.folder / "undisturbed")
        life.run(life.acquire)  # the first one also draws the scenes
        shutil.rmtree(life.home)
        shutil.rmtree(life.data)
        self.sandbox.log.clear()
        process = life.start(life.acquire)
        begun_s = time.monotonic()
        process.communicate(timeout=300)
        self.length_s = time.monotonic() - begun_s
        self.wanted = life.files()
        if process.returncode or not self.wanted or life.trouble(self.wanted):
            raise AssertionError(f"an undisturbed run goes wrong: {life.trouble(self.wanted)}")
        return self

    def __exit__(self, *_: object) -> None:
        self.nursery.close()
        self.sandbox.stop()

    def trial(self, seed: int) -> tuple[int, list[str]]:
        """Kill one life cycle.

        Returns:
            How many processes were killed while they ran, and what is wrong in the end.
        """
        rng = random.Random(seed)
        folder = self.folder / f"trial-{seed}"
        life = Life(self.sandbox, self.nursery, folder)
        self.sandbox.log.clear()
        kills = 0
        process = life.start(life.acquire)
        time.sleep(rng.uniform(0, self.length_s))
        kills += life.kill(process)
        later_s = LATER_S
        if rng.random() < 0.3:
            process = life.start(life.resume, later_s)
            time.sleep(rng.uniform(0, self.length_s / 2))
            kills += life.kill(process)
            later_s += LATER_S
        # What was killed before its order was written down is nobody's but the user's to start again.
        code, said = life.run([*life.resume, "and then", *life.acquire], later_s)
        trouble = life.trouble(self.wanted)
        if code or trouble:
            return kills, [f"seed {seed}:", *trouble, f"exit code {code}", said]
        shutil.rmtree(folder)
        return kills, []


def soak(trials: int, *, seed: int, longest_s: float, workers: int, folder: Path) -> tuple[int, int, list[str]]:
    """Run trials until there were enough processes killed, or time is up.

    Returns:
        Trials, kills, and what went wrong.
    """
    end_s = time.monotonic() + longest_s
    lock = threading.Lock()
    done, kills, wrong = 0, 0, []
    seeds = iter(range(seed, seed + 100 * trials))

    def work(number: int) -> None:
        nonlocal done, kills
        with Killer(folder / str(number)) as killer:
            while True:
                with lock:
                    if kills >= trials or time.monotonic() > end_s:
                        return
                    mine = next(seeds)
                killed, trouble = killer.trial(mine)
                with lock:
                    done, kills = done + 1, kills + killed
                    wrong.extend(trouble)

    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for future in [pool.submit(work, number) for number in range(workers)]:
            future.result()
    return done, kills, wrong


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Kill the life cycle at random moments.")
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=max(2, os.cpu_count() or 2))
    asked = parser.parse_args()
    begun_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="swath-soak-") as folder:
        done, kills, wrong = soak(
            asked.kills, seed=asked.seed, longest_s=asked.minutes * 60, workers=asked.workers, folder=Path(folder)
        )
    print(*wrong, sep="\n", end="\n" if wrong else "")
    bad = sum(line.startswith("seed ") for line in wrong)
    print(f"{kills} kills in {done} life cycles, {time.monotonic() - begun_s:.0f} s: {bad} went wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
