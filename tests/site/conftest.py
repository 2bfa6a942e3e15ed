"""Leaves the tests of the site out where there is no Playwright: `make test-docs` builds the site and has it."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore = [] if find_spec("playwright") else ["test_site.py"]
