"""Sphinx's configuration of the book; build.py calls it once a language, with -D language=."""

import docutils.nodes
from latex2mathml.converter import convert

project = "genlab"
copyright = "the genlab authors, Apache-2.0"
extensions = ["myst_nb"]
root_doc = "notebooks/index"
nb_execution_mode = "off"  # the notebooks were executed before
nb_merge_streams = True
nb_render_image_options = {"alt": "picture"}
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
# A cell of the shell or with %% is no Go, and is highlighted as far as it is.
suppress_warnings = ["misc.highlighting_failure", "mystnb.unknown_mime_type", "myst.header", "toc.not_included"]

html_theme = "furo"
html_title = "genlab"
html_static_path = ["static"]
html_css_files = ["book.css"]
html_copy_source = False
html_show_sphinx = False
templates_path = ["templates"]
html_sidebars = {
    "**": [
        "sidebar/brand.html", "sidebar/language.html", "sidebar/search.html", "sidebar/scroll-start.html", "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}
# Furo's fonts are the system's; nothing is fetched from another host.
html_theme_options = {"navigation_with_keys": True}


def formula(self, node):
    """Write a formula as MathML, which a browser shows without a script."""
    self.body.append(convert(node.astext()))
    raise docutils.nodes.SkipNode


def display(self, node):
    self.body.append('<div class="math">' + convert(node.astext(), display="block") + "</div>")
    raise docutils.nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (formula, None), (display, None))


html_math_renderer = "mathml"
