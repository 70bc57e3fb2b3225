"""The registers and their acts, one file per noun. Importing this package fills the catalogue of acts."""

from storage.registers import (
    carriers,
    cases,
    clearing,
    copies,
    corrections,
    deputies,
    documents,
    files,
    founding,
    incidents,
    loans,
    organisation,
    papers,
    people,
    places,
    readings,
)

__all__ = [
    "carriers",
    "cases",
    "clearing",
    "copies",
    "corrections",
    "deputies",
    "documents",
    "files",
    "founding",
    "incidents",
    "loans",
    "organisation",
    "papers",
    "people",
    "places",
    "readings",
]
