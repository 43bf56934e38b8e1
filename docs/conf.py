"""How Sphinx builds the documents: ``make docs``."""

project = "fonds"
author = "the fonds project"
extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["changes/*", "benchmarks/*"]
html_theme = "furo"
html_title = "fonds"
html_show_copyright = False
# Everything comes from the site itself; no font, script or picture of another host.
html_theme_options = {"source_edit_link": ""}
