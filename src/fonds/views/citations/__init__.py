"""How a record is cited: notes for people, files for reference managers, tags for the head of a page, a card for links.

All are made from one reading of what is stated of the record (:mod:`fonds.views.citations.facts`), so that they agree; what is
not stated stands in none.
"""

from fonds.views.citations.facts import Cited, When, cited
from fonds.views.citations.names import Name

__all__ = ["Cited", "Name", "When", "cited"]
