"""A release: a folder in which nothing changes afterwards, from which everything is served."""
