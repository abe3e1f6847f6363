"""Nothing in the program grows past the size at which it can still be read."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

FILE_LINES = 400
FUNCTION_LINES = 50
CLASS_LINES = 200


def modules(repository: Path) -> list[Path]:
    found = sorted((repository / "inpaint_studio").rglob("*.py"))
    assert len(found) > 10
    return found


def definitions(path: Path, *kinds: type[ast.AST]) -> Iterator[tuple[str, int]]:
    """Name and number of lines, decorators not counted, of everything of these kinds in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, kinds):
            yield f"{path.name}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1


def test_no_file_is_too_long(repository):
    sizes = {path.name: len(path.read_text("utf-8").splitlines()) for path in modules(repository)}
    assert {name: size for name, size in sizes.items() if size > FILE_LINES} == {}


def test_no_function_is_too_long(repository):
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    sizes = dict(found for path in modules(repository) for found in definitions(path, *kinds))
    assert {name: size for name, size in sizes.items() if size > FUNCTION_LINES} == {}


def test_no_class_is_too_long(repository):
    sizes = dict(found for path in modules(repository) for found in definitions(path, ast.ClassDef))
    assert {name: size for name, size in sizes.items() if size > CLASS_LINES} == {}


def test_no_function_branches_too_often(repository):
    command = [sys.executable, "-m", "ruff", "check", "--select", "C901", "--no-cache"]
    run = subprocess.run(
        [*command, "inpaint_studio"], cwd=repository, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_ceilings_can_fail(tmp_path):
    source = "class Long:\n" + "    x = 1\n" * CLASS_LINES
    (tmp_path / "long.py").write_text(source)
    [(name, size)] = definitions(tmp_path / "long.py", ast.ClassDef)
    assert name == "long.py:1 Long"
    assert size == CLASS_LINES + 1
