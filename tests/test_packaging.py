# SPDX-License-Identifier: Apache-2.0
"""What the distributions ask of the environment they are installed in."""

import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECTS = sorted([ROOT / "core/pyproject.toml", *ROOT.glob("plugins/*/pyproject.toml")])
NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")
SDKS = {"planet", "sedas-pyapi", "sedas_pyapi", "capella-console-client", "cecil"}
"""The providers' own packages; a plugin must not need one."""


def needs(path):
    """Give all requirements of a distribution, those of its extras too."""
    project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    extras = [one for group in project.get("optional-dependencies", {}).values() for one in group]
    return project["name"], [*project.get("dependencies", []), *extras]


def bounds(requirement):
    """Give the version specifiers of a requirement, without extras and markers."""
    text = re.sub(r"\[[^]]*\]", "", requirement.split(";")[0])
    return [part.strip() for part in text[NAME.match(text).end() :].split(",") if part.strip()]


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.parent.name)
def test_p33_no_requirement_has_an_upper_pin_but_httpx_below_1(path):
    name, requirements = needs(path)

    pinned = {one for one in requirements if any(bound.startswith(("<", "==", "~=", "!=")) for bound in bounds(one))}

    assert pinned <= {"httpx>=0.28.1,<1"}, name


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.parent.name)
def test_p33_every_requirement_of_others_has_a_lower_bound(path):
    _, requirements = needs(path)

    loose = [one for one in requirements if not bounds(one) and not NAME.match(one).group().startswith("swath")]

    assert loose == []


@pytest.mark.parametrize("path", PROJECTS[1:], ids=lambda path: path.parent.name)
def test_p33_plugins_need_no_vendor_sdk_and_no_other_plugin(path):
    name, requirements = needs(path)

    asked = {NAME.match(one).group().lower() for one in requirements}

    assert not asked & SDKS
    assert {one for one in asked if one.startswith("swath")} == {"swath"}, name


def test_p33_what_is_installed_fits_what_is_asked():
    """The newest versions that the lower bounds admit are those that the tests run with."""
    for path in PROJECTS:
        _, requirements = needs(path)
        for one in requirements:
            for bound in bounds(one):
                if bound.startswith(">=") and not NAME.match(one).group().startswith("swath"):
                    try:
                        version = importlib.metadata.version(NAME.match(one).group())
                    except importlib.metadata.PackageNotFoundError:
                        continue
                    assert numbers(version) >= numbers(bound[2:]), one


def numbers(version):
    return [int(part) for part in re.findall(r"\d+", version)[:3]]
