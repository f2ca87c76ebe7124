"""A headless browser, where there is one or apt can fetch one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.run.pictures import chromium, headless
from sandbox.run.pictures.devtools import Page


@pytest.fixture(scope="session")
def browser() -> chromium.Chromium:
    try:
        return chromium.find()
    except chromium.NoBrowser as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def page(browser: chromium.Chromium) -> Iterator[Page]:
    with headless.page(browser) as page:
        page.resize(1280, 900)
        yield page
