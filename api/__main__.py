"""`python -m api` is `zhixi`."""

from api.cli import main

main()
