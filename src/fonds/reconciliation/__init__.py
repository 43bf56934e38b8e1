"""Which things of a publication may be one: how their names and lives compare, what was decided, and what a decision changes."""
