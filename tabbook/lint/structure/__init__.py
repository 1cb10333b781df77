"""Check how the files of a book fit together: toc, labels, links, citations."""
