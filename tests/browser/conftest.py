"""Leaves the tests in a browser out where there is no Playwright: `make test-browser` has an environment of its own."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore = [] if find_spec("playwright") else ["test_page.py"]
