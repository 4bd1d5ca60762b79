"""Take the funding notes out of package-lock.json: it is to hold versions and checksums, and no addresses."""

import json
from pathlib import Path

LOCK = Path(__file__).resolve().parent.parent / "package-lock.json"

lock = json.loads(LOCK.read_text(encoding="utf-8"))
for package in lock["packages"].values():
    package.pop("funding", None)
LOCK.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
