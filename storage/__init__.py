"""What is kept, and the only way to change it: the ledger, the registers and their acts, the catalogue, the vault, search."""
