"""Characters of the rendered world: six species, five moods, thirteen actions."""

from dataclasses import dataclass

from PIL.ImageDraw import ImageDraw

from meme_sets.world.scene import Scene

Box = tuple[float, float, float, float]

COLOURS = {
    "cat": "#f59e42",
    "dog": "#b98a5a",
    "bear": "#6b4a34",
    "rabbit": "#d9d4e3",
    "panda": "#fafafa",
    "frog": "#58b368",
}


@dataclass(frozen=True)
class Pose:
    """How an action holds the body; lengths in pixels, x to the right, y down."""

    left: tuple[int, int] = (-24, 12)
    """Left paw, from the shoulder."""
    right: tuple[int, int] = (24, 12)
    lift: int = 0
    tilt: int = 0
    """Head's shift to the side, in pixels."""
    lying: bool = False
    kick: bool = False
    thing: tuple[int, int] = (0, 0)
    """Centre of the object, from the shoulders."""


POSES = {
    "stands": Pose(),
    "sleeps": Pose(lying=True),
    "jumps": Pose(left=(-26, -26), right=(26, -26), lift=30),
    "waves": Pose(right=(30, -30)),
    "cries": Pose(left=(-14, -16), right=(14, -16)),
    "dances": Pose(left=(-30, -24), right=(30, 18), tilt=10),
    "falls": Pose(lying=True),
    "holds": Pose(left=(-8, 16), right=(8, 16), thing=(0, 18)),
    "throws": Pose(right=(28, -28), thing=(60, -54)),
    "drops": Pose(left=(-28, 4), right=(28, 4), thing=(48, 42)),
    "eats": Pose(left=(-14, -8), right=(14, -8), thing=(0, -12)),
    "kicks": Pose(left=(-28, -4), right=(24, -10), kick=True, thing=(62, 16)),
    "balances": Pose(left=(-28, 6), right=(28, 6), thing=(0, -80)),
}


def _shoulders(scene: Scene, cx: float, ground: float) -> tuple[float, float]:
    return cx, ground - 54 - POSES[scene.action].lift


def object_place(scene: Scene, cx: float, ground: float) -> tuple[float, float]:
    """Centre of the object in pixels, kept within a frame of 192 pixels."""
    x, y = _shoulders(scene, cx, ground)
    pose = POSES[scene.action]
    if scene.object is not None and pose.thing == (0, 0):
        return min(max(x - 62, 18), 174), ground - 12  # it lies about, unused
    return min(max(x + pose.thing[0], 18), 174), max(y + pose.thing[1], 18)


def paint(d: ImageDraw, scene: Scene, cx: float, ground: float) -> dict[str, Box]:
    """Paint the character standing at (cx, ground); returns the boxes of head and body."""
    pose = POSES[scene.action]
    colour = COLOURS[scene.species]
    if pose.lying:
        return _paint_lying(d, scene, cx, ground, colour)
    x, y = _shoulders(scene, cx, ground)
    if pose.lift:
        d.ellipse((x - 26, ground - 5, x + 26, ground + 5), fill="#555555")
    limb = "#222222" if scene.species == "panda" else colour
    foot = ground - pose.lift
    for side in (-1, 1):
        if pose.kick and side == 1:
            _limb(d, (x + 10, foot - 18), (x + 40, foot - 22), limb)
        else:
            _limb(d, (x + side * 11, foot - 14), (x + side * 13, foot - 4), limb)
    body = (x - 21, y - 8, x + 21, foot - 8)
    d.ellipse(body, fill=colour, outline="black", width=2)
    for side, paw in ((-1, pose.left), (1, pose.right)):
        shoulder = (x + side * 17, y + 4)
        _limb(d, shoulder, (shoulder[0] + paw[0], shoulder[1] + paw[1]), limb)
    head = _paint_head(d, scene, x + pose.tilt, y - 26, colour)
    if scene.action == "waves":
        for r in (8, 15):
            d.arc((x + 47 - r, y - 26 - r, x + 47 + r, y - 26 + r), 290, 60, fill="black", width=3)
    if scene.action == "dances":
        _note(d, x - 52, y - 40)
        _note(d, x + 44, y - 44)
    if scene.action == "cries":
        for side in (-1, 1):
            d.rectangle((x + side * 12 - 4, y - 22, x + side * 12 + 4, y + 6), fill="#29b6f6")
        d.ellipse((x - 40, ground - 6, x + 40, ground + 4), fill="#29b6f6")
    return {"head": head, "body": body}


def _limb(d: ImageDraw, a: tuple[float, float], b: tuple[float, float], colour: str) -> None:
    d.line((*a, *b), fill="black", width=13)
    d.ellipse((b[0] - 7, b[1] - 7, b[0] + 7, b[1] + 7), fill=colour, outline="black", width=2)
    d.line((*a, *b), fill=colour, width=9)


def _note(d: ImageDraw, x: float, y: float) -> None:
    d.ellipse((x - 6, y + 10, x + 4, y + 18), fill="#d81b60")
    d.line((x + 3, y + 14, x + 3, y - 6), fill="#d81b60", width=3)
    d.line((x + 3, y - 6, x + 11, y - 2), fill="#d81b60", width=4)


def _paint_lying(
    d: ImageDraw, scene: Scene, cx: float, ground: float, colour: str
) -> dict[str, Box]:
    body = (cx - 10, ground - 36, cx + 56, ground)
    d.ellipse(body, fill=colour, outline="black", width=2)
    limb = "#222222" if scene.species == "panda" else colour
    fallen = scene.action == "falls"
    for dx in (22, 42):
        tip = (cx + dx + 6, ground - 52) if fallen else (cx + dx + 14, ground - 6)
        _limb(d, (cx + dx, ground - 26 if fallen else ground - 10), tip, limb)
    head = _paint_head(d, scene, cx - 24, ground - 26, colour)
    if fallen:
        for i, dx in enumerate((-50, -26, -2)):
            x, y = cx + dx, ground - 66 - 6 * (i % 2)
            d.polygon(
                [
                    (x, y - 8),
                    (x + 3, y - 2),
                    (x + 9, y),
                    (x + 3, y + 2),
                    (x, y + 8),
                    (x - 3, y + 2),
                    (x - 9, y),
                    (x - 3, y - 2),
                ],
                fill="#ffeb3b",
                outline="black",
            )
    else:
        d.ellipse((cx - 18, ground - 30, cx + 6, ground - 6), fill="#b3e5fc", outline="#0277bd")
    return {"head": head, "body": body}


def _paint_head(d: ImageDraw, scene: Scene, x: float, y: float, colour: str) -> Box:
    EARS[scene.species](d, x, y, colour)
    d.ellipse((x - 27, y - 24, x + 27, y + 24), fill=colour, outline="black", width=2)
    if scene.species == "panda":
        for side in (-1, 1):
            d.ellipse((x + side * 12 - 9, y - 12, x + side * 12 + 9, y + 6), fill="#222222")
    _paint_face(d, scene, x, y)
    return (x - 27, y - 34, x + 27, y + 24)


def _triangle_ears(d: ImageDraw, x: float, y: float, colour: str) -> None:
    for side in (-1, 1):
        d.polygon(
            [(x + side * 8, y - 18), (x + side * 25, y - 12), (x + side * 23, y - 38)],
            fill=colour,
            outline="black",
            width=2,
        )


def _floppy_ears(d: ImageDraw, x: float, y: float, colour: str) -> None:
    for side in (-1, 1):
        left, right = sorted((x + side * 20, x + side * 36))
        d.ellipse((left, y - 18, right, y + 20), fill="#7a5230", outline="black", width=2)


def _round_ears(d: ImageDraw, x: float, y: float, colour: str) -> None:
    for side in (-1, 1):
        cx = x + side * 20
        d.ellipse((cx - 11, y - 33, cx + 11, y - 11), fill=colour, outline="black", width=2)


def _black_ears(d: ImageDraw, x: float, y: float, colour: str) -> None:
    _round_ears(d, x, y, "#222222")


def _long_ears(d: ImageDraw, x: float, y: float, colour: str) -> None:
    for side in (-1, 1):
        cx = x + side * 12
        d.ellipse((cx - 8, y - 56, cx + 8, y - 12), fill=colour, outline="black", width=2)
        d.ellipse((cx - 3, y - 48, cx + 3, y - 20), fill="#f4a6b8")


def _eye_ears(d: ImageDraw, x: float, y: float, colour: str) -> None:
    for side in (-1, 1):
        cx = x + side * 15
        d.ellipse((cx - 11, y - 34, cx + 11, y - 12), fill=colour, outline="black", width=2)
        d.ellipse((cx - 6, y - 30, cx + 6, y - 18), fill="white", outline="black")


EARS = {
    "cat": _triangle_ears,
    "dog": _floppy_ears,
    "bear": _round_ears,
    "rabbit": _long_ears,
    "panda": _black_ears,
    "frog": _eye_ears,
}


def _paint_face(d: ImageDraw, scene: Scene, x: float, y: float) -> None:
    mood = scene.mood
    closed = scene.action == "sleeps"
    eye_white = scene.species in ("panda", "bear")
    ink = "white" if eye_white and scene.species == "panda" else "black"
    for side in (-1, 1):
        ex, ey = x + side * 11, y - 4
        if closed:
            d.line((ex - 6, ey, ex + 6, ey), fill=ink, width=3)
            continue
        if mood == "surprised":
            d.ellipse((ex - 8, ey - 8, ex + 8, ey + 8), fill="white", outline="black", width=2)
            d.ellipse((ex - 3, ey - 3, ex + 3, ey + 3), fill="black")
        elif mood == "happy":
            d.arc((ex - 7, ey - 5, ex + 7, ey + 9), 180, 360, fill=ink, width=4)
        else:
            d.ellipse((ex - 5, ey - 5, ex + 5, ey + 5), fill="white", outline="black")
            d.ellipse((ex - 3, ey - 3, ex + 3, ey + 3), fill="black")
        if mood == "angry":
            d.line((ex + side * 8, ey - 14, ex - side * 7, ey - 6), fill="#b71c1c", width=5)
        elif mood == "sad":
            d.line((ex + side * 8, ey - 6, ex - side * 7, ey - 13), fill="#1a237e", width=4)
    _paint_mouth(d, mood, x, y + 12)


def _paint_mouth(d: ImageDraw, mood: str, x: float, y: float) -> None:
    if mood == "happy":
        d.chord((x - 11, y - 10, x + 11, y + 8), 0, 180, fill="#c62828", outline="black")
    elif mood == "sad":
        d.arc((x - 9, y - 1, x + 9, y + 13), 180, 360, fill="black", width=4)
    elif mood == "angry":
        d.rectangle((x - 10, y - 2, x + 10, y + 4), fill="white", outline="black", width=2)
    elif mood == "surprised":
        d.ellipse((x - 6, y - 6, x + 6, y + 9), fill="#5d1a1a", outline="black")
    else:
        d.line((x - 7, y + 1, x + 7, y + 1), fill="black", width=3)


def paint_action_marks(d: ImageDraw, scene: Scene, x: float, y: float) -> None:
    """What an action leaves around the object at (x, y): lines of motion, a bite, crumbs."""
    if scene.action == "throws":
        for dy in (-8, 0, 8):
            d.line((x - 34, y + 16 + dy, x - 18, y + 8 + dy), fill="#ff1744", width=3)
    elif scene.action == "kicks":
        for dy in (-8, 0, 8):
            d.line((x - 30, y + dy, x - 17, y + dy), fill="#ff1744", width=3)
    elif scene.action == "drops":
        for dx in (-8, 0, 8):
            d.line((x + dx, y - 36, x + dx, y - 20), fill="#ff1744", width=3)
    elif scene.action == "eats":
        for dx, dy in ((0, -12), (9, -9), (-9, -9)):
            d.ellipse((x + dx - 6, y + dy - 6, x + dx + 6, y + dy + 6), fill="#7b1f1f")
        for dx, dy in ((-22, 16), (-12, 24), (14, 22), (24, 14)):
            d.rectangle((x + dx, y + dy, x + dx + 4, y + dy + 4), fill="#5d4037")
