"""How torch's threads wait, as OpenMP's own runtime tells it (OMP_DISPLAY_ENV, OpenMP 5.2)."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(("given", "sparing"), [({}, True), ({"OMP_WAIT_POLICY": "active"}, False)])
def test_torch_does_not_spin_beside_other_processes(given: dict[str, str], sparing: bool) -> None:
    kept = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    said = subprocess.run(
        [sys.executable, "-c", "import vlm; vlm.load_model; import torch"],
        env={**kept, **given, "OMP_DISPLAY_ENV": "verbose"},
        check=True,
        capture_output=True,
        text=True,
    )
    if "GOMP_SPINCOUNT" not in said.stderr:
        pytest.skip("this torch's threads are not those of GNU's OpenMP")
    spins = int(said.stderr.split("GOMP_SPINCOUNT = '")[1].split("'")[0])
    assert (spins == 0) is sparing
