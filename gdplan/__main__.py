"""``python -m gdplan``."""

from gdplan.cli.commands import main

main()
