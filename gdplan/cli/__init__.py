"""The command line: arguments in, exit code out; one module per family of commands."""

from gdplan.cli.commands import app, main

__all__ = ["app", "main"]
