"""How fast a real server answers over synthetic organisations, beside a bare echo: `make bench`, read in docs/bench.md."""
