# SPDX-License-Identifier: GPL-2.0-only
"""How Sphinx makes pages of Documentation/: `make htmldocs`, in scripts/source-checks."""

from pathlib import Path

CRATES = Path(__file__).resolve().parent.parent / "build/doc"

project = "ferrops"
author = "The ferrops authors"

highlight_language = "none"
nitpicky = True
smartquotes = False

# The distribution has it beside Sphinx itself, and pages in it need nothing from elsewhere.
html_theme = "alabaster"
html_theme_options = {
    "description": "safe Rust for the kernel's struct *_ops",
    "fixed_sidebar": True,
    "page_width": "1100px",
    # source-checks copies them, if `make doc` has written them.
    "extra_nav_links": {"Crates (rustdoc)": "crates/index.html"} if CRATES.is_dir() else {},
}
html_sidebars = {"**": ["about.html", "navigation.html", "searchbox.html"]}
html_copy_source = False
html_show_sphinx = False
