"""Graph to other people's formats: JSON-LD with our own context, Linked Art, schema.org."""
