"""Take the picture of the README: the record's page as a browser shows it.

Run ``.venv/bin/python docs/picture.py`` while ``make serve`` runs. Needs Chromium (Debian: ``apt-get install chromium``).
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

PAGE = "http://127.0.0.1:8000/doc/record/darusenkov-1964-375"
PICTURE = Path(__file__).parent / "images" / "record.png"


def main(page_address: str = PAGE) -> None:
    """Write ``docs/images/record.png``."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("no Chromium here; on Debian: apt-get install chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1100, "height": 1180}, color_scheme="light")
        page.goto(page_address)
        PICTURE.parent.mkdir(exist_ok=True)
        shot = Image.open(io.BytesIO(page.screenshot()))
        # Letters on paper need few colours.
        shot.convert("RGB").quantize(64).save(PICTURE, optimize=True)
        browser.close()
    print(f"{PICTURE}: {PICTURE.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main(*sys.argv[1:])
