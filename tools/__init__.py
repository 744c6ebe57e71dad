"""Tools of the repository: generators, benchmarks, the compiler run. CPython only; started by the Makefile and by tests."""
