"""What can keep a service from running.

Unavailable — one service cannot be installed or started here; the message is the plain reason.
StateDamaged — the state file cannot be read, so nothing may be started over it or stopped by it.
"""


class Unavailable(Exception):
    """One service cannot be installed or started on this machine."""


class StateDamaged(Exception):
    """The file that says what runs cannot be understood."""
