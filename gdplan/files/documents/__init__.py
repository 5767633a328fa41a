"""Documents as offices have them, read into paragraphs and tables with their places."""
