"""What a browser shows of a media file: Chromium's own decoders, as an independent reference."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from tests.served import browser

_PIXELS = """
  const shown = (drawable, width, height) => {
    const canvas = new OffscreenCanvas(width, height), pen = canvas.getContext('2d');
    pen.fillStyle = 'white'; pen.fillRect(0, 0, width, height); pen.drawImage(drawable, 0, 0);
    const bytes = pen.getImageData(0, 0, width, height).data;
    let text = '';
    for (let at = 0; at < bytes.length; at += 8192)
      text += String.fromCharCode.apply(null, bytes.subarray(at, at + 8192));
    return {width, height, data: btoa(text)};
  };
  const bytes = Uint8Array.from(atob(encoded), c => c.charCodeAt(0));
"""
_FRAMES = f"""async ([encoded, type]) => {{ {_PIXELS}
  const decoder = new ImageDecoder({{data: bytes, type, preferAnimation: true}});
  await decoder.tracks.ready;
  await decoder.completed.catch(() => 0);
  const found = [];
  for (let index = 0; index < decoder.tracks.selectedTrack.frameCount; index++) {{
    const frame = (await decoder.decode({{frameIndex: index}})).image;
    found.push({{...shown(frame, frame.displayWidth, frame.displayHeight), us: frame.duration}});
    frame.close();
  }}
  return found;
}}"""
_PICTURE = f"""async ([encoded, type]) => {{ {_PIXELS}
  const picture = new Image();
  picture.src = URL.createObjectURL(new Blob([bytes], {{type}}));
  document.body.append(picture);
  await picture.decode().catch(() => 0);
  const found = picture.naturalWidth
    ? shown(picture, picture.naturalWidth, picture.naturalHeight) : null;
  picture.remove();
  return found;
}}"""
_VIDEO = f"""async ([encoded, type]) => {{ {_PIXELS}
  const video = document.createElement('video');
  const done = name => new Promise((yes, no) => {{
    video.addEventListener(name, yes, {{once: true}});
    video.addEventListener('error', () => no(video.error.message), {{once: true}});
  }});
  const ready = done('loadeddata');
  video.src = URL.createObjectURL(new Blob([bytes], {{type}}));
  await ready;
  // A video in no page draws nothing until it was told to show something.
  document.body.append(video);
  const drawn = new Promise(yes => video.requestVideoFrameCallback(yes)), seeked = done('seeked');
  video.currentTime = 0.001;
  await seeked; await Promise.race([drawn, new Promise(yes => setTimeout(yes, 10000))]);
  const found = {{...shown(video, video.videoWidth, video.videoHeight), seconds: video.duration}};
  video.remove();
  return found;
}}"""


class BrowserMedia:
    """A page in which media are decoded."""

    def __init__(self, page: Any) -> None:
        self._page = page

    def frames(self, data: bytes, kind: str) -> list[tuple[np.ndarray, float]]:
        """Each frame of an animation on white, uint8 (H, W, 3), and its length in ms."""
        found = self._page.evaluate(_FRAMES, [base64.b64encode(data).decode(), kind])
        return [(_array(frame), (frame["us"] or 0) / 1000) for frame in found]

    def picture(self, data: bytes, kind: str) -> np.ndarray | None:
        """A still as an ``<img>`` shows it, turned and on white; None if it does not."""
        found = self._page.evaluate(_PICTURE, [base64.b64encode(data).decode(), kind])
        return None if found is None else _array(found)

    def video(self, data: bytes, kind: str) -> tuple[np.ndarray, float]:
        """The first frame as a ``<video>`` shows it, on white, and the clip's seconds."""
        found = self._page.evaluate(_VIDEO, [base64.b64encode(data).decode(), kind])
        return _array(found), found["seconds"]


def _array(found: dict[str, Any]) -> np.ndarray:
    pixels = np.frombuffer(base64.b64decode(found["data"]), np.uint8)
    return pixels.reshape(found["height"], found["width"], 4)[..., :3]


@contextmanager
def browser_media() -> Iterator[BrowserMedia]:
    """A browser for the time of a block. The page lies at an address that nothing serves."""
    with browser() as started:
        page = started.new_page()
        page.route("**/*", lambda route: route.fulfill(body="<p>", content_type="text/html"))
        page.goto("https://media.test/")  # image decoders are only given to secure pages
        yield BrowserMedia(page)
        page.close()
