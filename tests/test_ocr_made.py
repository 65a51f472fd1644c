"""Files made after public reports: each right, or refused with a line that says why."""

import json
import os
from pathlib import Path

import pytest

from frames import MediaError, open_clip
from ocr import load_engine
from ocr.accuracy import normalise
from ocr.timeline import timeline_of
from ocr.tracks import captions_of, lines_of

FOLDER = Path(os.environ.get("MEMEPROBE_MEMES", Path(__file__).parents[2] / "shared" / "memes"))
MADE = FOLDER / "made"
if not (MADE / "manifest.jsonl").is_file():
    pytest.skip(f"{MADE} is not here: real files are not published", allow_module_level=True)

THREE = ["FIRST FRAME", "SECOND ONE", "THIRD HERE"]
DAYS = ["今天", "明天", "昨天", "周末", "半夜", "早上", "中午", "晚上", "刚才", "后来"]
DEEDS = ["我想吃火锅", "老板又来了", "快递到了没", "代码跑不通", "猫把杯子打翻", "手机没电了"]


def many(count: int) -> list[str]:
    """The captions of the clips of many captions."""
    return [DAYS[i % 10] + DEEDS[(i + i // 10) % 6] for i in range(count)]


def steps(count: int, each: int) -> list[tuple[int, int]]:
    return [(i * each, (i + 1) * each) for i in range(count)]


BROWSER = [(0, 500), (500, 1200), (1200, 2100)]
HALVES = [(0, 500), (500, 1000), (1000, 1500)]
CAPTIONS: dict[str, tuple[list[str], list[tuple[int, int]]]] = {
    "anim.avif": (THREE, BROWSER),
    "anim_alpha.avif": (THREE, BROWSER),
    "still_alpha_mif1.avif": (["FIRST FRAME"], [(0, 0)]),
    "apng_hidden_text.png": (["HELLO THERE", "GOOD BYE"], steps(2, 800)),
    "apng_over_soft.png": (["SUBTITLE BAR"], [(500, 1000)]),
    "apng_rand_003.png": ([], []),
    "apng_rand_039.png": ([], []),
    "exif_orientation_6_apng.png": (THREE, BROWSER),
    "grid.heic": (["IPHONE PHOTO CAPTION"], [(0, 0)]),
    "grid_mif1.heic": (["IPHONE PHOTO CAPTION"], [(0, 0)]),
    "imir.heic": (["UPRIGHT PLEASE"], [(0, 0)]),
    "plain.heic": (["IPHONE PHOTO"], [(0, 0)]),
    "telegram_video_sticker.webm": (["好耶", "我不听", "再见"], steps(3, 1000)),
    "alpha_vp8.webm": (THREE, HALVES),
    "vflip.mp4": ([], []),
    "sar2.mp4": (THREE, HALVES),
    "vfr.mp4": ([*THREE, THREE[0]], [(0, 120), (120, 3120), (3120, 3160), (3160, 3200)]),
    "thumb_track_first.mp4": (THREE, HALVES),
    "exif_orientation_byte.jpg": (["PHOTO"], [(0, 0)]),
    "exif_orientation6_desc_rational.jpg": (["PHOTO"], [(0, 0)]),
    "exif_struct_error.png": ([], []),
    "exif_orientation_255.jpg": (["FIRST FRAME"], [(0, 0)]),
    "exif_orientation_count2.jpg": (["FIRST FRAME"], [(0, 0)]),
    "xmp_orientation_6.jpg": (["FIRST FRAME"], [(0, 0)]),
    "exif_garbage_png.png": (["FIRST FRAME"], [(0, 0)]),
    "webp_anim_trailing.webp": (THREE, BROWSER),
    "apng_actl_says_2.png": (THREE[:2], BROWSER[:2]),
    "trunc.jpg": (["FIRST FRAME"], [(0, 0)]),
    "gif_canvas_0x0.gif": (THREE, HALVES),
    "gif_canvas_smaller.gif": (THREE, HALVES),
    "ocr/chat_40.png": (
        ["\n".join(f"第{i}条消息今天你吃饭了吗" for i in range(1, 41))],
        [(0, 0)],
    ),
    "ocr/banner_3000x60.png": (
        ["THIS BANNER IS VERY WIDE AND HAS ONE LINE OF TEXT IN IT"],
        [(0, 0)],
    ),
    "ocr/tall_70x2200.png": (
        [("床前明月光疑是地上霜举头望明月低头思故乡" * 2)[:38]],
        [(0, 0)],
    ),
    "ocr/short_qqq_zh.png": (["？？？"], [(0, 0)]),
    "ocr/short_q.png": (["?"], [(0, 0)]),
    "time/to_qqq.gif": (["好的", "？？？"], steps(2, 1500)),
    "ocr/pair_lol.png": (["WHEN IT COMPILES\nlol"], [(0, 0)]),
    "ocr/pair_10.png": (["COUNTDOWN STARTS AT\n10"], [(0, 0)]),
    "ocr2/wide_spacing.png": (["VAPOR"], [(0, 0)]),
    "ocr/pair_at.png": (["今天放假\n@全体成员今晚加班"], [(0, 0)]),
    "ocr2/bilingual_sub.png": (
        ["我从来没有说过这种话\nI have never said anything like that"],
        [(0, 0)],
    ),
    "ocr/two_sizes_en.png": (["WAIT WHAT\nyou are telling me this is free"], [(0, 0)]),
    "ocr2/labelled.png": (["MONDAY MORNING BE LIKE\nme\ncoffee\ndeadline"], [(0, 0)]),
    "ocr2/danmaku.png": (
        ["前方高能\n哈哈哈哈哈哈\n名场面来了\n泪目\n爷青回\n你竟然敢骗我"],
        [(0, 0)],
    ),
    "ocr/manga_2panel.png": (["早上要起床\n可是好困\n算了再睡\n五分钟吧"], [(0, 0)]),
    "ocr/vertical_tilt-5.png": (["国破山河在城春草木深感时花溅泪"], [(0, 0)]),
    "ocr/vertical_three_tilt-15.png": (
        ["我真的太难了\n今天又要加班\n什么时候放假"],
        [(0, 0)],
    ),
    "ocr/script_ko.png": ([], []),
    "ocr/script_ru.png": ([], []),
    "ocr/script_he.png": ([], []),
    "ocr/script_vi.png": ([], []),
    "ocr/white_on_transparent.png": ([], []),
    # The picture's edges cut the first and the last letter off.
    "ocr/upside_down.png": (["HAT GOES UP MUST COME DOW"], [(0, 0)]),
    "ocr/zh_mirrored.png": ([], []),
    "ocr2/strike.png": (["DELETED TEXT"], [(0, 0)]),
    "time/caps28.gif": (many(28), steps(28, 500)),
    "time/caps60.gif": (many(60), steps(60, 500)),
    "time/caps12.gif": (many(12), steps(12, 1000)),
    "time/again.gif": (["你说什么", "你说什么"], [(0, 1000), (2000, 3000)]),
    "time/case.gif": (["no", "NO"], steps(2, 1500)),
}
"""File -> its captions, and when they show in ms."""
REFUSED = {
    "audio_cover.m4a": "holds no video",
    "mp4_encv.mp4": "encrypted",
    "avif_all_zero.avif": "decoder failed",
    "avif_missing_item.avif": "decoder failed",
}
"""File -> why it is refused."""
SIZES = {
    "grid.heic": (1400, 1000),
    "imir.heic": (640, 480),
    "sar2.mp4": (320, 200),
    "exif_orientation_6_apng.png": (200, 320),
    "exif_orientation6_desc_rational.jpg": (200, 320),
    "exif_orientation_255.jpg": (320, 200),
    "xmp_orientation_6.jpg": (320, 200),
}
OTHER = {
    "ocr/zh_mirrored.png": {("我真的太难了吧", "mirrored")},
    "ocr/script_ko.png": {("", "unread")},
    "ocr/script_ru.png": {("", "unread")},
}
NOTED = {
    "ocr/script_ko.png": "cannot be read",
    "ocr/script_ru.png": "cannot be read",
    "ocr/script_he.png": "cannot be read",
    "ocr/script_vi.png": "cannot be read",
    "ocr/zh_mirrored.png": "mirrored",
    "ocr/upside_down.png": "upside down",
    "ocr/white_on_transparent.png": "white",
}
"""File -> what is said about its text in a note or a warning."""
ROWS = [json.loads(row) for row in (MADE / "manifest.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize("name", [row["file"] for row in ROWS])
@pytest.mark.filterwarnings("ignore")
def test_a_made_file_is_right_or_refused_with_the_reason(name: str) -> None:
    if name in REFUSED:
        with pytest.raises(MediaError, match=REFUSED[name]) as raised:
            open_clip(MADE / name)
        assert "\n" not in str(raised.value)
        return
    texts, times = CAPTIONS[name]
    clip = open_clip(MADE / name)
    read = timeline_of(clip, load_engine("rapidocr", 1))
    tracks = captions_of(read)
    assert [_told(track.text) for track in tracks] == [_told(text) for text in texts]
    assert [(track.start_ms, track.end_ms) for track in tracks] == times
    if name in SIZES:
        assert (clip.width, clip.height) == SIZES[name]
    rules = {(line.text, line.rule) for line in lines_of(read)}
    assert OTHER.get(name, set()) <= rules
    assert NOTED.get(name, "") in "; ".join([read.note, *clip.warnings])


def _told(text: str) -> str:
    """What was read, without spaces; case where it is all that tells two captions apart."""
    return normalise(text) if text.casefold() != "no" and normalise(text) else text
