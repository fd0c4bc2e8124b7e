# SPDX-License-Identifier: Apache-2.0
"""Who is shown what."""

import contextlib
import io
import subprocess
import sys
import threading

import attrs
import pytest

from swath import progress as progress_module
from swath.errors import InputError
from swath.progress import Event, describe, renderer, shown
from swath.testing.clock import FakeClock


class Terminal(io.StringIO):
    """A stream that somebody looks at."""

    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)


def file_event(done, total=100, label="a/f.tif", **more):
    return Event(kind="download", label=label, done=done, total=total, unit="B", **more)


# --- events --------------------------------------------------------------------------------------------------------


def test_event_cannot_be_changed():
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        file_event(1).done = 2


@pytest.mark.parametrize(
    ("fields", "finished"),
    [
        ({"done": 1, "total": 2}, False),
        ({"done": 2, "total": 2}, True),
        ({"done": 2}, False),
        ({}, False),
        ({"done": 1, "total": 2, "finished": True}, True),
        ({"done": 2, "total": 2, "finished": False}, False),
    ],
)
def test_event_is_the_last_when_all_is_done_or_when_it_says_so(fields, finished):
    assert Event(kind="wait", label="x", **fields).finished is finished


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (Event(kind="search", label="PSScene", done=20, unit="items"), "search PSScene: 20 items"),
        (Event(kind="download", label="files", done=3, total=20, unit="files"), "download files: 3 of 20"),
        (file_event(999, 1_500_000), "download a/f.tif: 999 B of 1.5 MB"),
        (file_event(2.5e12, None), "download a/f.tif: 2.5 TB"),
        (Event(kind="wait", label="o1", done=0.5, total=1, detail="pending"), "wait o1: 50%, pending"),
        (Event(kind="wait", label="o1", detail="pending"), "wait o1: pending"),
        (Event(kind="order", label="o1"), "order o1"),
    ],
)
def test_event_reads_as_one_line(event, line):
    assert describe(event) == line


# --- who is shown what ---------------------------------------------------------------------------------------------


def test_p59_nothing_is_shown_where_nobody_looks():
    stream = io.StringIO()

    assert renderer(None, stream) is None
    assert renderer(progress=False, stream=stream) is None
    assert stream.getvalue() == ""


def test_p59_nothing_is_shown_on_a_terminal_when_not_wanted():
    stream = Terminal()

    assert renderer(progress=False, stream=stream) is None
    assert stream.getvalue() == ""


def test_p59_dumb_terminal_and_closed_stream_are_not_watched(monkeypatch):
    closed = Terminal()
    closed.close()
    monkeypatch.setenv("TERM", "dumb")

    assert renderer(None, Terminal()) is None
    assert renderer(None, io.StringIO()) is None
    monkeypatch.setenv("TERM", "xterm")
    pipe = io.StringIO()
    pipe.close()
    assert renderer(None, pipe) is None


def test_p59_callback_is_given_back():
    def heard(event):
        return None

    assert renderer(heard, Terminal()) is heard


@pytest.mark.parametrize("wrong", ["yes", 5])
def test_p59_anything_else_is_an_input_error(wrong):
    with pytest.raises(InputError, match=repr(wrong)):
        renderer(wrong)


def test_p59_script_in_a_pipe_prints_nothing_and_loads_no_rich():
    code = (
        "import sys\n"
        "from swath.progress import Event, shown\n"
        "with shown(None) as show:\n"
        "    assert show is None\n"
        "print('rich' in sys.modules)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
    assert done.stderr == ""


def test_p59_notebook_is_watched(monkeypatch):
    class Shell:
        kernel = object()

    class Module:
        @staticmethod
        def get_ipython():
            return Shell()

    stream = io.StringIO()
    monkeypatch.setitem(sys.modules, "IPython", Module)
    monkeypatch.setattr(sys, "stderr", stream)

    assert renderer(None) is not None
    assert renderer(None, io.StringIO()) is None


# --- a line a minute -----------------------------------------------------------------------------------------------


def test_lines_come_at_first_each_minute_and_at_the_end():
    clock, stream = FakeClock(), io.StringIO()
    show = renderer(progress=True, stream=stream, clock=clock)

    for done in range(0, 101, 10):
        show(file_event(done))
        clock.advance(20)

    assert stream.getvalue().splitlines() == [
        "download a/f.tif: 0 B of 100 B",
        "download a/f.tif: 30 B of 100 B",
        "download a/f.tif: 60 B of 100 B",
        "download a/f.tif: 90 B of 100 B",
        "download a/f.tif: 100 B of 100 B",
    ]


def test_line_tells_of_the_whole_rather_than_of_one_file():
    clock, stream = FakeClock(), io.StringIO()
    show = renderer(progress=True, stream=stream, clock=clock)

    show(Event(kind="download", label="files", done=0, total=9, unit="files"))
    clock.advance(61)
    show(file_event(50))

    assert stream.getvalue().splitlines()[-1] == "download files: 0 of 9"


def test_last_line_tells_how_it_stood_when_it_was_broken_off():
    stream = io.StringIO()

    with contextlib.suppress(KeyboardInterrupt), shown(progress=True, stream=stream) as show:
        show(file_event(1))
        show(file_event(50))
        raise KeyboardInterrupt

    assert stream.getvalue().splitlines()[-1] == "download a/f.tif: 50 B of 100 B"


def test_lines_to_a_closed_stream_are_dropped():
    stream = io.StringIO()
    show = renderer(progress=True, stream=stream)
    stream.close()

    show(file_event(1))


# --- bars ----------------------------------------------------------------------------------------------------------


def test_bars_show_label_amount_and_detail_and_end_by_themselves():
    stream = Terminal()
    show = renderer(None, stream)

    show(Event(kind="wait", label="order-7", done=0.5, total=1.0, detail="pending"))
    show(Event(kind="wait", label="order-7", done=1.0, total=1.0, detail="succeeded"))

    text = stream.getvalue()
    assert "order-7" in text
    assert "succeeded" in text
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 1  # cursor hidden, and given back


def test_cursor_is_given_back_when_the_work_is_broken_off():
    stream = Terminal()

    with contextlib.suppress(ZeroDivisionError), shown(None, stream) as show:
        show(file_event(1))
        raise ZeroDivisionError

    assert stream.getvalue().count("\x1b[?25l") == stream.getvalue().count("\x1b[?25h") == 1
    assert not any(thread.name.startswith("_RefreshThread") for thread in threading.enumerate())


def test_label_with_markup_is_shown_as_it_is():
    stream = Terminal()

    with shown(progress=True, stream=stream) as show:
        show(file_event(1, label="[red]x[/nonsense]"))

    assert "[red]x[/nonsense]" in stream.getvalue()


def test_bars_take_more_things_than_rows_from_many_threads():
    stream = Terminal()
    problems = []

    with shown(progress=True, stream=stream) as show:
        show(Event(kind="download", label="files", done=0, total=64, unit="files"))

        def work(number):
            try:
                for file in range(8):
                    label = f"f{number}-{file}"
                    for done in (0, 50, 100):
                        show(file_event(done, label=label))
            except Exception as err:  # noqa: BLE001  a thread's failure must fail the test
                problems.append(err)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        show(Event(kind="download", label="files", done=64, total=64, unit="files"))

    assert problems == []
    assert "64 of 64" in stream.getvalue()


def test_display_can_be_used_again_once_it_has_ended():
    stream = Terminal()
    show = renderer(progress=True, stream=stream)

    show(file_event(100, label="first"))
    show(file_event(100, label="second"))

    assert "first" in stream.getvalue()
    assert "second" in stream.getvalue()


def test_module_exposes_what_it_says():
    assert progress_module.__all__ == ["Event", "Renderer", "renderer", "shown"]
