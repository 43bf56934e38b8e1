"""Commands of ``fonds`` that stand in modules of their own."""
