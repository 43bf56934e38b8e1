"""Everything that is tried against the SPARQL endpoint by those who mean no good, and what watches the server meanwhile."""
