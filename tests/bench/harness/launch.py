# SPDX-License-Identifier: Apache-2.0
"""Runs one program and writes what it took: python -I -S launch.py RESULT STDOUT COMMAND...

It is a process of its own, and small, because a program's peak memory counts from that of the process that started it.
RESULT gets: exit status, seconds from start to end, CPU seconds, peak resident KiB of the largest of its processes.
"""

import os
import sys
import time

result, stdout, *command = sys.argv[1:]
out = os.open(stdout, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
started_s = time.perf_counter()
child = os.posix_spawnp(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, out, 1)])
_, status, used = os.wait4(child, 0)
seconds = time.perf_counter() - started_s
with open(result, "w", encoding="ascii") as told:  # noqa: PTH123  pathlib would make this process larger
    told.write(f"{os.waitstatus_to_exitcode(status)} {seconds} {used.ru_utime + used.ru_stime} {used.ru_maxrss}")
