"""The registers and their acts, one file per noun. Importing this package fills the catalogue of acts."""

from storage.registers import (
    carriers,
    corrections,
    documents,
    files,
    founding,
    organisation,
    people,
    places,
    readings,
)

__all__ = [
    "carriers",
    "corrections",
    "documents",
    "files",
    "founding",
    "organisation",
    "people",
    "places",
    "readings",
]
