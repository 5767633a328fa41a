"""What a page is made of: blocks, words in two languages, drawing."""
