"""What it takes to continue a training run that was killed, as if nothing had happened."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import torch

from lecturekit.files import written_whole


class Stateful(Protocol):
    """A network, an optimizer, a schedule: what hands out its state and takes it back."""

    def state_dict(self) -> dict[str, Any]:
        """All of the state."""

    def load_state_dict(self, state: dict[str, Any]) -> Any:
        """Put a state in place of its own."""


class Checkpoint:
    """A file with all that a training run needs to go on after its last whole epoch.

    That is more than the network: the optimizer's averages, the place in the schedule, and the
    state of each source of random numbers, for the order of clips and for dropout.

    Args:
        path: the file; without one nothing is kept.
        settings: of the run. One with other settings is not continued.
        parts: what a step of training changes.
        order: of the clips.
    """

    def __init__(
        self,
        path: str | Path | None,
        settings: Mapping[str, Any],
        parts: Sequence[Stateful],
        order: torch.Generator,
    ) -> None:
        self._path = Path(path) if path else None
        self._settings, self._parts, self._order = dict(settings), parts, order

    def load(self) -> list[tuple[float, ...]]:
        """Put back what the file holds; gives the history of its epochs, empty without a file.

        Raises:
            ValueError: the file is of a run with other settings.
        """
        if self._path is None or not self._path.exists():
            return []
        state = torch.load(self._path, map_location="cpu", weights_only=True)
        found = state.get("settings")
        if found != self._settings:
            raise ValueError(
                f"checkpoint {self._path}: expected one of {self._settings}, got one of {found}"
            )
        for part, part_state in zip(self._parts, state["parts"], strict=True):
            part.load_state_dict(part_state)
        self._order.set_state(state["order"])
        torch.set_rng_state(state["torch"])
        if state["cuda"]:
            torch.cuda.set_rng_state_all(state["cuda"])
        return state["history"]

    def save(self, history: Sequence[Sequence[float]]) -> None:
        """Write the file anew: a run killed while it is written continues from the one before."""
        if self._path is None:
            return
        state = {
            "settings": self._settings,
            "parts": [part.state_dict() for part in self._parts],
            "history": [tuple(epoch) for epoch in history],
            "order": self._order.get_state(),
            "torch": torch.get_rng_state(),
            "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        }
        with written_whole(self._path) as partial:
            torch.save(state, partial)
