"""One run: request, notebook, sections, formats, and the record that lets it be made again."""
