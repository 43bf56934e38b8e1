"""A linked-open-data publisher for archives: sources become records, records become graphs, graphs a release, a release a web site."""

__version__ = "0.1.0"
