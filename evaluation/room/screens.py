"""Pictures of every page: `python -m evaluation.room.screens [--out docs/screens]`.

Each is taken twice, as on a reading room's screen (1920 x 1080) and on a portable one (1280 x 800).
"""

import argparse
import io
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Browser

from core.library_logs import tame
from evaluation.room.browser import bring_cookie, open_chromium
from evaluation.room.house import RoomHouse, make_house, serving
from evaluation.room.pages import SIGHTS, Sight
from evaluation.room.stage import Placed, fill
from evaluation.room.surroundings import keep_working, surround

SIZES: Final = ((1920, 1080), (1280, 800))


def take(
    browser: Browser,
    house: RoomHouse,
    address: str,
    placed: Sequence[Placed],
    *,
    sight: Sight,
    size: tuple[int, int],
) -> bytes:
    """Take one picture, as PNG.

    Parameters
    ----------
    browser
        Chromium.
    house, address, placed
        What is served, where, and who lies in it.
    sight
        What is looked at.
    size
        Width and height of the window, in pixels.
    """
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce"
    )
    try:
        if sight.role is not None:
            token = house.sign_in(sight.role.value, sight.role)
            bring_cookie(context, address, token)
        page = context.new_page()
        page.goto(f"{address}{sight.path(placed)}")
        sight.ready(page)
        return page.screenshot()
    finally:
        context.close()
        if sight.role is not None:
            # Else the account's own page lists everybody who was photographed.
            house.sign_out(sight.role.value)


def small(picture: bytes) -> bytes:
    """Give a PNG with 256 colours, which dark pages and grey films need no more than."""
    with Image.open(io.BytesIO(picture)) as whole, io.BytesIO() as written:
        palette = whole.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        palette.save(written, "PNG", optimize=True)
        return written.getvalue()


def main() -> None:
    """Take every picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/screens"))
    parser.add_argument("--only", default="", help="sights whose names begin so")
    wanted = parser.parse_args()
    tame()
    wanted.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, open_chromium() as browser:
        house = make_house(Path(folder))
        db = house.database()
        placed = fill(db, house.spool())
        surround(db, house.spool())
        with serving(house) as services:
            for sight in (one for one in SIGHTS if one.name.startswith(wanted.only)):
                for size in SIZES:
                    keep_working(db)
                    picture = take(browser, house, services.address, placed, sight=sight, size=size)
                    file = wanted.out / f"{sight.name}-{size[0]}x{size[1]}.png"
                    file.write_bytes(small(picture))
                    print(f"{file}: {file.stat().st_size} bytes")
        db.close()


if __name__ == "__main__":
    main()
