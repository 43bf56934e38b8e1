"""Full-text search over the words and names of a release: what is found by which words, and how it is asked for."""
