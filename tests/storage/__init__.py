"""The storage room: what is kept, and that nothing but its acts changes it."""
