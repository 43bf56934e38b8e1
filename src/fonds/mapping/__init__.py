"""From a record to its named graphs: CIDOC CRM beside Dublin Core, each fact in the graph of whoever says it."""
