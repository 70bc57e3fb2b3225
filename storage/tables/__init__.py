"""Piccolo tables: the ledger (append-only), the catalogue (projections), and what is kept beside them."""

from storage.tables.catalogue import CATALOGUE_TABLES
from storage.tables.kept import KEPT_TABLES
from storage.tables.ledger import LEDGER_TABLES

ALL_TABLES = (*LEDGER_TABLES, *CATALOGUE_TABLES, *KEPT_TABLES)
__all__ = ["ALL_TABLES", "CATALOGUE_TABLES", "KEPT_TABLES", "LEDGER_TABLES"]
