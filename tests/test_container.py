"""Dockerfile and compose file against what they name: folders, extras, commands, variables."""

import json
import re
import shlex
import tomllib

import yaml

from memeprobe.cli.serve import TOKENS
from tests.conftest import ROOT
from tests.test_docs import understood

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))


def test_the_image_gets_all_that_is_installed() -> None:
    """What is copied is there, is not kept out, and holds every package of the wheel."""
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    copied = {
        name for line in re.findall(r"^COPY (.+) \S+$", DOCKERFILE, re.M) for name in line.split()
    }
    assert all((ROOT / name).exists() and name not in ignored for name in copied)
    packages = PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    assert {name.partition("*")[0].strip(".") for name in packages} <= copied
    assert PROJECT["project"]["readme"] in copied
    (extras,) = re.findall(r"'\.\[([\w,]+)\]'", DOCKERFILE)
    assert set(extras.split(",")) <= set(PROJECT["project"]["optional-dependencies"])


def test_one_image_is_built_for_cpu_or_gpu_and_the_gpu_is_handed_over() -> None:
    cuda = yaml.safe_load((ROOT / "compose.cuda.yaml").read_text("utf-8"))["services"]
    assert set(cuda) == set(COMPOSE["services"])
    for name, service in COMPOSE["services"].items():
        assert set(service["build"]["args"]) == set(re.findall(r"^ARG (\w+)=", DOCKERFILE, re.M))
        (device,) = cuda[name]["deploy"]["resources"]["reservations"]["devices"]
        assert device["driver"] == "nvidia" and device["capabilities"] == ["gpu"]
    assert re.search(r"^USER \d+$", DOCKERFILE, re.M)  # a name cannot be told from root by a host


def test_what_is_started_is_understood() -> None:
    (command,) = re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.M)
    commands = [json.loads(command)]
    commands += [each["command"] for each in COMPOSE["services"].values() if "command" in each]
    assert len(commands) == 2
    assert [understood(shlex.join(each)) for each in commands] == [None, None]


def test_ports_volume_and_token_are_the_same_in_both_files() -> None:
    exposed = re.findall(r"^EXPOSE (.+)$", DOCKERFILE, re.M)[0].split()
    services = COMPOSE["services"].values()
    assert [port.split(":")[-1] for each in services for port in each["ports"]] == exposed
    assert all(port.startswith("127.0.0.1:") for each in services for port in each["ports"])
    (volume,) = re.findall(r"^VOLUME (\S+)$", DOCKERFILE, re.M)
    assert all(mount == f"workspace:{volume}" for each in services for mount in each["volumes"])
    assert re.search(rf"MEMEPROBE_WORKSPACE={volume}/", DOCKERFILE)
    assert TOKENS in COMPOSE["services"]["service"]["environment"] and TOKENS in DOCKERFILE
