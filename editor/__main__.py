"""`python -m editor`, see `cli`."""

from editor.cli import main

main()
