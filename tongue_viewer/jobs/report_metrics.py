"""How each number of an evaluation is defined: one sentence each, with its source."""

from __future__ import annotations

MEASURES = (
    ("dice", "Dice", 4),
    ("iou", "Foreground IoU", 4),
    ("boundary_iou", "Boundary IoU", 4),
    ("nsd", "Surface Dice (NSD)", 4),
    ("hd95_px", "HD95 (px)", 2),
    ("assd_px", "ASSD (px)", 2),
)
"""Key in `evaluate --json`, name, and digits after the point."""

_DEFINITIONS = """\
Dice
    2·|A∩B| / (|A|+|B|) of the pixels of mask A and reference B (Dice 1945).
Foreground IoU
    |A∩B| / |A∪B| of the tongue alone (Jaccard 1912); a mean that counts the background as a second
    class reads higher.
HD95
    the larger of both directions' 95th percentiles of the distance from the surface pixels of one mask
    to the nearest surface pixel of the other, in pixels of the photo, with linear interpolation between
    ranks (Huttenlocher et al. 1993; the percentile as MONAI computes it).
ASSD
    the mean of those distances over the surface pixels of both masks pooled, in pixels of the photo
    (Heimann et al. 2009).
Boundary IoU
    the IoU of the inner bands of both masks, each as wide as 2 % of the photo's diagonal (Cheng et al.
    2021, arXiv:2103.16562).
Surface Dice (NSD)
    the part of both masks' surface pixels that lie within TOLERANCE px of the other's surface (Nikolov
    et al. 2018, arXiv:1809.04430).
Empty masks
    two empty masks agree fully (1 and 0 px); where only one is empty, the ratios are 0 and the
    distances are the photo's diagonal.
95 % interval
    the percentile bootstrap interval over photos, drawn with replacement: 10,000 times for a mean,
    1,000 times for a correlation (Efron 1979).
ECE
    the expected calibration error: pixels are put into 15 bins of equal width by the probability of
    being tongue, and the absolute difference between a bin's mean probability and the part of its
    pixels that is tongue in the reference is averaged over all pixels (Guo et al. 2017,
    arXiv:1706.04599, there for the probability of the predicted label).
MCE
    the largest such difference of a bin that holds a pixel (Guo et al. 2017).
Brier score
    the mean squared difference between probability and reference, 0 or 1 (Brier 1950).
Outline band
    the pixels within 2 % of the photo's diagonal (chessboard distance) of the reference's outline; the
    rest of a photo is easy and would hide what happens here.
Temperature
    T of p' = sigmoid(logit(p) / T), which leaves the mask at threshold 0.5 as it is (Guo et al. 2017);
    before: undone on the probabilities as they are kept, in steps of 1/255, where 0 and 1 stay what
    they are.
Expected Dice
    2·Σ p over the mask / (|mask| + Σ p over the photo), from the probability alone; for an empty mask 1
    − the largest p (Soft Dice Confidence, Borges et al. 2024, arXiv:2402.10665).
Rank correlation
    Spearman's correlation of the ranks and Kendall's tau-b between expected Dice and Dice over the
    photos; 1: the order is the same (Spearman 1904, Kendall 1945).
"""


def definitions(tolerance_px: float) -> tuple[tuple[str, str], ...]:
    """Name and definition of every number in the report.

    Args:
        tolerance_px: of the normalised surface Dice.
    """
    items: dict[str, list[str]] = {}
    for line in _DEFINITIONS.replace("TOLERANCE", f"{tolerance_px:g}").splitlines():
        if not line.startswith(" "):
            term = line
        items.setdefault(term, []).append(line.strip())
    return tuple((term, " ".join(lines[1:])) for term, lines in items.items())
