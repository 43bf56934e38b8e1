"""A site as plain files: what a server answers, asked for in this process and written down, so that any web server can give it."""
