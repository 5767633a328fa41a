"""One document -> web page, Word, PDF and the Excel annex."""
