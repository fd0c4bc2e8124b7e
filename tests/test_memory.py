# SPDX-License-Identifier: Apache-2.0
"""What is fetched never has to fit into memory."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pyarrow import parquet

HERE = Path(__file__).parent
GIB = 2**30
SIZES = [1 * GIB, 5 * GIB] if os.environ.get("SWATH_SOAK") else [1 * GIB]
"""``make soak`` fetches 5 GiB too, which takes a minute."""
MOST = 100_000_000
MANY = 100_000
FORMS = {"found.geojson": MANY, "found.parquet": MANY, "found/": MANY // 4}
"""How many items are saved in each form; a folder is a file an item, and ``make soak`` writes them all."""
if os.environ.get("SWATH_SOAK"):
    FORMS = dict.fromkeys([*FORMS, "found.ndjson", "found.arrow"], MANY)
MOST_GROWN = 60 * 2**20


@pytest.fixture
def server(tmp_path):
    """Serve a folder from another process."""
    folder = tmp_path / "served"
    folder.mkdir()
    process = subprocess.Popen(
        [sys.executable, str(HERE / "bench" / "serve.py"), str(folder)], stdout=subprocess.PIPE, text=True
    )
    try:
        yield folder, f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def sparse(path, size):
    """Make a file with a few bytes at either end and a hole between; give its SHA-256 as multihash."""
    head, tail = b"II*\0" + b"swath" * 100, b"the end"
    with path.open("wb") as out:
        out.write(head)
        out.seek(size - len(tail))
        out.write(tail)
    digest = hashlib.sha256(head)
    zeros, left = bytes(2**24), size - len(head) - len(tail)
    while left:
        step = min(left, len(zeros))
        digest.update(zeros[:step])
        left -= step
    digest.update(tail)
    return f"1220{digest.hexdigest()}"


def fetch(url, target, size, checksum):
    done = subprocess.run(
        [sys.executable, str(HERE / "scripts" / "fetch_large.py"), url, str(target), str(size), checksum],
        env={**os.environ, "NO_PROXY": "*"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size // GIB} GiB")
def test_p07_large_file_is_fetched_and_verified_in_little_memory(server, tmp_path, size):
    if shutil.disk_usage(tmp_path).free < 2 * size:
        pytest.skip(f"needs {2 * size / 1e9:.0f} GB of free space")
    folder, url = server
    checksum = sparse(folder / "large.bin", size)

    told = fetch(f"{url}/large.bin", tmp_path / "large.bin", size, checksum)

    assert told["error"] is None
    assert told["verified"] == "checksum"
    assert (tmp_path / "large.bin").stat().st_size == size
    assert told["rss_bytes"] < MOST, f"{told['rss_bytes'] / 1e6:.0f} MB"


@pytest.mark.parametrize(("name", "number"), FORMS.items(), ids=FORMS)
def test_p51_very_many_items_are_saved_in_little_memory(tmp_path, name, number):
    done = subprocess.run(
        [sys.executable, str(HERE / "scripts" / "save_many.py"), str(tmp_path), name, str(number)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert json.loads(done.stdout)["grown_bytes"] < MOST_GROWN
    written = tmp_path / name
    if written.is_dir():
        assert sum(1 for _ in written.rglob("*_scene.json")) == number
    elif written.suffix == ".parquet":
        assert parquet.ParquetFile(written).metadata.num_rows == number
    else:
        with written.open() as lines:
            assert sum('"id":' in line for line in lines) == number


def test_p51_a_hundred_thousand_items_of_several_providers_are_merged_in_little_memory(tmp_path):
    """Two of the four cannot sort, and give the oldest first."""
    done = subprocess.run(
        [sys.executable, str(HERE / "scripts" / "merge_many.py"), str(tmp_path), "100000"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    told = json.loads(done.stdout)
    assert told["in_order"] == 100_000
    assert told["counted"] == 0
    assert told["grown_bytes"] < MOST_GROWN, f"{told['grown_bytes'] / 2**20:.0f} MiB"


def test_p07_one_wrong_bit_of_a_large_file_is_noticed(server, tmp_path):
    folder, url = server
    size = GIB // 8
    checksum = sparse(folder / "large.bin", size)
    with (folder / "large.bin").open("r+b") as out:
        out.seek(size // 2)
        out.write(b"\x01")

    told = fetch(f"{url}/large.bin", tmp_path / "large.bin", size, checksum)

    assert told["status"] == "failed"
    assert "large.bin" in told["error"]
    assert not (tmp_path / "large.bin").exists()


def test_p07_the_measure_sees_memory_that_is_used():
    """Without this the test above could pass for no reason."""
    script = (HERE / "scripts" / "fetch_large.py").read_text(encoding="utf-8")
    measure = script[script.index("def most_memory") : script.index("asset = Asset(")]
    code = f"import resource, sys\nfrom pathlib import Path\n{measure}\nheld = b'x' * {2 * MOST}\nprint(most_memory())"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert int(done.stdout) > 2 * MOST
