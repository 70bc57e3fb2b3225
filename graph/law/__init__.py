"""The rules as small pure functions over `Facts`; imports the standard library and msgspec, never a driver."""
