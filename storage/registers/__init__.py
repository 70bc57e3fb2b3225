"""The registers and their acts, one file per noun. Importing this package fills the catalogue of acts."""

from storage.registers import (
    carriers,
    copies,
    corrections,
    documents,
    files,
    founding,
    loans,
    organisation,
    people,
    places,
    readings,
)

__all__ = [
    "carriers",
    "copies",
    "corrections",
    "documents",
    "files",
    "founding",
    "loans",
    "organisation",
    "people",
    "places",
    "readings",
]
