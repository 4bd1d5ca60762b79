"""Wait until the demo answers on a port of this machine; see that its first page and its style sheet come."""

import re
import sys
import time
import urllib.error
import urllib.request

WAIT = 120  # seconds for migrations, the story and the static files


def read(address: str) -> str:
    """The text at an address of this machine; raises `urllib.error.HTTPError` unless it is there."""
    with urllib.request.urlopen(address, timeout=10) as response:  # noqa: S310 - the address is built below
        return response.read().decode()


def main(port: int) -> int:
    """0 when the page and its style sheet came, 1 when nobody answered in time."""
    site = f"http://127.0.0.1:{port}"
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        try:
            page = read(f"{site}/")
        except ConnectionError:
            time.sleep(0.5)
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionError):
                raise
            time.sleep(0.5)
        else:
            sheets = re.findall(r'href="(/static/[^"]+\.css)"', page)
            sizes = [len(read(site + sheet)) for sheet in sheets]
            print(f"the demo answers: {len(page)} characters, style sheets of {sizes}")
            return 0 if sizes and all(sizes) else 1
    print("the demo does not answer")
    return 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
