# SPDX-License-Identifier: Apache-2.0
"""Runs the notebooks of the documentation; ``python tests/notebooks.py --write`` keeps what they print.

Usage: python tests/notebooks.py [--write] [NOTEBOOK...]
"""

import json
import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent.parent / "docs" / "notebooks"


def printed(notebook):
    """Give what each cell of code prints, and nothing that changes from run to run."""
    return [
        "".join(output.get("text", "") for output in cell.outputs if output.get("name") == "stdout")
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def run(path):
    """Run a notebook in an empty folder, with a home of its own."""
    notebook = nbformat.read(path, as_version=4)
    kept = printed(notebook)
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(
            SWATH_HOME=f"{folder}/home", IPYTHONDIR=f"{folder}/ipython", JUPYTER_RUNTIME_DIR=f"{folder}/run"
        )
        os.environ.pop("SWATH_PROFILE", None)
        client = NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": folder}})
        client.execute()
    return notebook, kept


def write(path, notebook):
    """Keep the notebook with what it printed, and without anything of this machine or run."""
    for cell, text in zip([one for one in notebook.cells if one.cell_type == "code"], printed(notebook), strict=True):
        cell.execution_count = None
        cell.metadata = {}
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=text)] if text else []
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    nbformat.write(notebook, path)


if __name__ == "__main__":
    names = [Path(name) for name in sys.argv[1:] if not name.startswith("-")] or sorted(FOLDER.glob("*.ipynb"))
    told = {}
    for name in names:
        executed, before = run(name)
        told[name.name] = {"kept": before, "printed": printed(executed)}
        if "--write" in sys.argv:
            write(name, executed)
    print(json.dumps(told))
