"""Documents of the kinds and sizes that bids are made of, from a fixed seed."""

import random
from functools import cache
from io import BytesIO

import numpy as np
from docx import Document
from PIL import Image
from xlsxwriter import Workbook

MB = 2**20
WORDS = [
    "the",
    "supplier",
    "shall",
    "keep",
    "logs",
    "of",
    "every",
    "sign",
    "in",
    "for",
    "one",
    "year",
    "and",
    "show",
    "them",
    "to",
    "the",
    "bank",
    "on",
    "demand",
]


def picture(rng: random.Random, width: int, height: int, kind: str) -> bytes:
    """Something between a photograph and a scan: slow changes of grey, and noise on top."""
    noise = np.random.default_rng(rng.randrange(2**32))
    grey = np.linspace(60, 200, width)[None, :, None] + noise.normal(0, 12, (height, width, 3))
    image = Image.fromarray(grey.clip(0, 255).astype("uint8"))
    written = BytesIO()
    image.save(written, kind, quality=85)
    return written.getvalue()


def scan(rng: random.Random, pages: int) -> bytes:
    """A PDF of scanned pages in A4 at 150 dots per inch."""
    images = [Image.open(BytesIO(picture(rng, 1240, 1754, "JPEG"))) for _ in range(pages)]
    written = BytesIO()
    images[0].save(written, "PDF", save_all=True, append_images=images[1:])
    return written.getvalue()


def report(rng: random.Random, paragraphs: int, pictures: int) -> bytes:
    """A document of Word: text, tables and screenshots."""
    document = Document()
    for number in range(paragraphs):
        document.add_paragraph(" ".join(rng.choices(WORDS, k=12)))
        if number % 20 == 0:
            table = document.add_table(rows=1, cols=3)
            for cell, text in zip(table.rows[0].cells, rng.choices(WORDS, k=3), strict=True):
                cell.text = text
    for _ in range(pictures):
        document.add_picture(BytesIO(picture(rng, 1280, 800, "PNG")))
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def sheet(rng: random.Random, rows: int) -> bytes:
    """A workbook with numbers, texts and a formula in every row."""
    written = BytesIO()
    book = Workbook(written, {"in_memory": True, "constant_memory": True})
    page = book.add_worksheet()
    for row in range(rows):
        page.write_string(row, 0, " ".join(rng.choices(WORDS, k=2)))
        for column in range(1, 12):
            page.write_number(row, column, rng.random() * 1000)
        page.write_formula(row, 12, f"=SUM(B{row + 1}:L{row + 1})")
    book.close()
    return written.getvalue()


@cache
def bundle(seed: int) -> list[tuple[str, bytes]]:
    """The files of a bid, 20 MB or a little more together: offer, evidence, answers, and pictures of them."""
    rng = random.Random(seed)
    files = [
        ("offer.pdf", scan(rng, 12)),
        ("manual.docx", report(rng, 800, 2)),
        ("answers.xlsx", sheet(rng, 20_000)),
        ("room.jpg", picture(rng, 4000, 3000, "JPEG")),
        ("screen.png", picture(rng, 900, 600, "PNG")),
    ]
    missing = 20 * MB - sum(len(content) for _name, content in files)
    return [*files, ("certificates.pdf", scan(rng, -(-missing // 500_000)))]
