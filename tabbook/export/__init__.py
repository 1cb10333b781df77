"""A book to take away: PDF, EPUB, slides, archives, the site."""
