"""How a publication shows itself to people: pictures, colours, pages of its own and templates, checked and copied into a release."""
