"""A published selector to compare with: VSUMM.

de Avila, Lopes, da Luz, de Albuquerque Araujo: "VSUMM: A mechanism designed to produce static
video summaries and a novel evaluation method", Pattern Recognition Letters 32 (2011) 56-68.
Frames are described by a 16-bin histogram of hue in HSV, clustered by k-means that starts from an
even split of the clip in time; the frame nearest to the centre of each cluster is a keyframe, and
keyframes that look alike (distance of histograms under 0.5) are dropped. Their number of clusters
is estimated from the cuts; here it is K, as for every other policy.
"""

import cv2
import numpy as np

from frames import Clip

BINS = 16
ALIKE = 0.5
ROUNDS = 50


def vsumm(clip: Clip, k: int) -> list[int]:
    """At most k frame indices, ascending, by the method of VSUMM."""
    features = np.stack([_hue_histogram(frame.pixels) for frame in clip])
    labels = np.arange(len(features)) * k // len(features)
    for _ in range(ROUNDS):
        centres = np.stack(
            [
                features[labels == c].mean(axis=0) if (labels == c).any() else features[0] * 0 + 9
                for c in range(k)
            ]
        )
        distances = np.linalg.norm(features[:, None] - centres[None], axis=2)
        after = distances.argmin(axis=1)
        if (after == labels).all():
            break
        labels = after
    chosen: list[int] = []
    for c in sorted(set(labels.tolist())):
        members = np.flatnonzero(labels == c)
        best = int(members[distances[members, c].argmin()])
        if all(np.linalg.norm(features[best] - features[i]) >= ALIKE for i in chosen):
            chosen.append(best)
    return sorted(chosen)


def _hue_histogram(pixels: np.ndarray) -> np.ndarray:
    hue = cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV)[..., 0]
    counts = np.bincount((hue.ravel().astype(int) * BINS) // 180, minlength=BINS).astype(float)
    return np.asarray(counts / np.linalg.norm(counts))
