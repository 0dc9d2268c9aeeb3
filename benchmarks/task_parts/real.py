"""What networks that know five actions of puppets say of films that show none of them."""

import numpy as np
import torch
from by_cue import Table

from lecturekit import assets, puppets, sampling, video
from lecturekit.models import heads

from . import ACTIONS, FPS, SIZE, TEST, WINDOW, Windows, films, network

FILMS = ("bikes", "carphone")
ANSWERS = (*ACTIONS, "nothing")
SURE = 0.9


def real_windows(name: str) -> torch.Tensor:
    """Windows of a second, one for each half, of a square from the middle of each frame."""
    info = video.probe(assets.path(name))
    frames = sampling.resample_indices(info.num_frames, info.fps, FPS)
    width = round(SIZE * info.width / info.height)
    film = video.read_frames(assets.path(name), frames, size=(SIZE, width))
    left = (width - SIZE) // 2
    clip = puppets.clip_tensor(film[:, :, left : left + SIZE])
    return clip.unfold(1, WINDOW, WINDOW // 2).permute(1, 0, 4, 2, 3)


def given() -> dict[str, torch.Tensor]:
    """Windows by what they show: test films of puppets, real footage, and noise of no film."""
    labelled = Windows(films("test", TEST))
    shown = {"puppets": labelled.inputs(list(range(len(labelled))))}
    shown |= {name: real_windows(name) for name in FILMS}
    noise = torch.randn(100, 3, WINDOW, SIZE, SIZE, generator=torch.Generator().manual_seed(0))
    return shown | {"noise": noise}


@torch.no_grad()
def chances(model: heads.OnTrunk, windows: torch.Tensor) -> np.ndarray:
    """Probabilities ``(N, 6)``."""
    return torch.cat([model(batch).softmax(1) for batch in windows.split(100)]).double().numpy()


def show(seeds: int) -> None:
    """What they say, how sure they are, and whether they agree."""
    shown = given()
    said = Table("share of answers", ANSWERS)
    sure = Table("confidence", ("mean", f"above {SURE}", "of these an action"))
    answers = {name: [] for name in shown}
    for seed in range(seeds):
        for name, windows in shown.items():
            of_film = chances(network(seed), windows)
            best, top = of_film.argmax(1), of_film.max(1)
            counts = np.bincount(best, minlength=len(ANSWERS)) / len(best)
            said.add(name, *counts)
            certain = top > SURE
            actions = np.mean(best[certain] < len(ACTIONS)) if certain.any() else 0.0
            sure.add(name, top.mean(), certain.mean(), actions)
            answers[name].append(best)
    said.show()
    sure.show()
    print(f"\nof the windows, all {seeds} networks say the same")
    for name, of_all in answers.items():
        agree = np.mean((np.array(of_all) == of_all[0]).all(0))
        print(f"{name:36s}{len(of_all[0]):6d} windows{agree:8.2f}")
