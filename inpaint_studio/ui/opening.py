"""Reads whatever a user opens: a photo, or a project."""

from dataclasses import dataclass
from pathlib import Path

from inpaint_studio.document.document import Document
from inpaint_studio.document.history import History
from inpaint_studio.imaging import files
from inpaint_studio.project.archive import is_project


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A document that was read, and a sentence for each thing worth knowing about it."""

    document: Document
    notes: tuple[str, ...] = ()


def read_document(path: Path, *, history: History) -> Opened:
    """Open a photo or a project, told apart by their contents.

    Raises:
        PhotoError: it cannot be read; one sentence.
    """
    if is_project(path):
        from inpaint_studio.project.reading import open_project

        project = open_project(path, history=history)
        return Opened(project.document, project.notes)
    return Opened(Document(files.read_photo(path), path, history=history))
