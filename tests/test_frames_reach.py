"""A media file reaches nothing but its own bytes: the system calls of decoding are watched."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_frames_formats import FILES

STRACE = shutil.which("strace")
BEGINNINGS = {
    "gif": b"GIF89a",
    "png": b"\x89PNG\r\n\x1a\n",
    "jpeg": b"\xff\xd8\xff\xe0",
    "webp": b"RIFF\xff\xff\0\0WEBP",
    "bmp": b"BM",
    "avif": b"\0\0\0\x18ftypavif" + bytes(12),
    "heic": b"\0\0\0\x18ftypheic" + bytes(12),
    "mp4": b"\0\0\0\x18ftypmp42" + bytes(12),
    "mp4, no brand": b"\0\0\0\x08wide",
    "webm": b"\x1aE\xdf\xa3\nwebm\n",
    "matroska": b"\x1aE\xdf\xa3\nmatroska\n",
}
"""What tells each kind; the file goes on as something else."""
HIDDEN = {
    "sdp": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 0.0.0.0\nt=0 0\n"
    b"m=video 50004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    "hls": b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n%s\n#EXT-X-ENDLIST\n",
    "hls, http": b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n",
    "concat": b"ffconcat version 1.0\nfile '%s'\n",
    "dash": b"<?xml version='1.0'?><MPD profiles='urn:mpeg:dash:profile:isoff-live:2011'><Period>"
    b"<AdaptationSet><Representation id='1'><BaseURL>%s</BaseURL></Representation>"
    b"</AdaptationSet></Period></MPD>",
    "rtsp": b"rtsptext\nrtsp://127.0.0.1:9/a\n",
    "image list": b"%s\n%s\n",
}
SCRIPT = """
import pathlib, socket, sys
from frames import MediaError, open_clip
folder, control = map(pathlib.Path, sys.argv[1:])
for path in sorted(folder.iterdir()):
    data = path.read_bytes()
    try:
        list(open_clip(data, name=path.name))
    except MediaError as refusal:
        print(refusal)
    else:
        print(f"{path.name}: opened")
if control.name == "control":
    control.open().close()
    socket.socket().close()
"""


def watched(folder: Path, control: Path, trace: Path) -> tuple[list[str], list[str]]:
    """(lines that the script printed, system calls that open files or sockets)."""
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT, str(folder), str(control)]
    calls = "trace=open,openat,openat2,socket,connect,bind,execve"
    assert STRACE is not None
    watch = [STRACE, "-f", "-qq", "-s", "4096", "-e", calls, "-o", str(trace), *command]
    done = subprocess.run(watch, capture_output=True, text=True, timeout=120)
    if done.returncode and "ptrace" in done.stderr.lower():
        pytest.skip("this machine does not let strace watch")
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines(), trace.read_text("utf-8", "replace").splitlines()


@pytest.mark.slow
@pytest.mark.skipif(STRACE is None, reason="needs strace (apt-get install strace)")
def test_no_file_reads_another_or_opens_a_socket(tmp_path: Path) -> None:
    folder, control = tmp_path / "media", tmp_path / "control"
    folder.mkdir()
    target = tmp_path / "told-by-the-file.mp4"
    target.write_bytes(FILES["mp4"][1]())
    control.touch()
    for kind, beginning in BEGINNINGS.items():
        for what, text in HIDDEN.items():
            body = text.replace(b"%s", str(target).encode())
            (folder / f"{kind} with {what}").write_bytes(beginning + body)
    # A track whose data are said to lie in another file.
    away = FILES["mp4"][1]().replace(b"url \0\0\0\1", b"url \0\0\0\0")
    (folder / "mp4 with data elsewhere").write_bytes(away)

    said, calls = watched(folder, control, tmp_path / "trace")
    assert len(said) == len(BEGINNINGS) * len(HIDDEN) + 1
    assert [line for line in said if line.endswith(": opened")] in (
        [],
        ["mp4 with data elsewhere: opened"],
    )
    # The watcher sees what there is to see: the script's own file and socket, at the very end.
    names = [c.split()[1].split("(")[0] for c in calls]
    assert names[0] == "execve" and str(control) in calls[-2] and names[-1] == "socket"
    assert not [c for c in calls if str(target) in c], "a file named by another was opened"
    reached = [c for c, n in zip(calls, names, strict=True) if not n.startswith("open")]
    assert len(reached) == 2, "a socket was opened or a program started"
