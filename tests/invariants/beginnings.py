"""Where processes begin further on: that is done by the book for one of them, and put back for others."""

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from tests.invariants.model import Model
from tests.remembered import Change, _difference, _put_back, _stored

#: So many processes begin in the same place; then it is made anew, with other keys and other seals.
USES = 50


@dataclass
class Beginning:
    """Rows, files and the model as they were once it was reached."""

    rows: Change
    files: dict[Path, bytes]
    model: Model
    counter: float
    uses: int = 0

    @classmethod
    def of(cls, world, build):
        """Do it, and keep what it leaves."""
        before = _stored()
        build()
        files = {path: path.read_bytes() for path in world.files()}
        return cls(_difference(before, _stored(), {}), files, deepcopy(world.model), world.counter)

    @property
    def is_worn(self):
        return self.uses >= USES

    def put_back(self, world):
        """Let a process stand there; what is written for that is watched like everything else."""
        self.uses += 1
        world.model, world.counter = deepcopy(self.model), self.counter
        _put_back(self.rows)
        for path, content in self.files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
