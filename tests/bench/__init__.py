"""``make bench``: fonds beside the Oxigraph server on the same data, in one run, as ratios."""
