"""Who may import whom: the contracts of pyproject.toml hold."""

import subprocess
import sys
from pathlib import Path

import pytest


def test_the_import_contracts_hold(repository):
    command = Path(sys.executable).with_name("lint-imports")
    if not command.exists():
        pytest.skip("import-linter is not installed")
    run = subprocess.run([command, "--no-cache"], cwd=repository, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout
