"""``python -m gdplan``."""

from gdplan.cli import main

main()
