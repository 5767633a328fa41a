"""One module per kind of indicator; questions.py says what each has to answer."""
