"""The real services, installed and run natively on one machine, loopback only, each run with data of its own."""
