"""`python -m tests.worlds`: the tables of the nine questions, written anew."""

from tests.worlds import all_traps
from tests.worlds.nine import write

if __name__ == "__main__":
    write(all_traps())
