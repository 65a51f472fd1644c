"""Over the network a problem names what its reader knows, never a folder of the server."""

import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

import memeprobe as mp
from memeprobe.workspace import sets_beside
from tests.service import Served
from tests.test_frames_formats import FILES

pytestmark = pytest.mark.slow

pytest.importorskip("fastapi", reason='needs pip install "memeprobe[service]"')

ROOT = Path(__file__).resolve().parent.parent
GIF = FILES["gif by Pillow"][1]()
ROW: dict[str, Any] = {
    "id": "a",
    "media": "a.gif",
    "kind": "action",
    "question": {"en": "What?", "zh": "什么？"},
    "options": [{"en": "one", "zh": "一"}, {"en": "two", "zh": "二"}],
    "gold": 0,
}
BAD_ROWS: dict[str, str] = {
    "no json": "{",
    "empty": "",
    "unknown": json.dumps({**ROW, "more": 1}),
    "no kind": json.dumps({k: v for k, v in ROW.items() if k != "kind"}),
    "no file": json.dumps({**ROW, "media": "gone.gif"}),
    "outside": json.dumps({**ROW, "media": "../../w.sqlite"}),
    "twice": f"{json.dumps(ROW)}\n{json.dumps(ROW)}",
    "gold": json.dumps({**ROW, "gold": 7}),
}
BAD_FILES = {
    "empty": b"",
    "words": b"nothing",
    "gif": GIF[: len(GIF) // 3],
    "png": b"\x89PNG\r\n\x1a\n" + bytes(50),
    "jpeg": b"\xff\xd8\xff\xe0" + bytes(40),
    "webp": b"RIFF\0\0\0\0WEBPVP8 " + bytes(30),
    "avif": b"\0\0\0\x18ftypavif" + bytes(90),
    "heic": b"\0\0\0\x18ftypheic" + bytes(90),
    "mp4": b"\0\0\0\x18ftypmp42" + bytes(200),
    "matroska": b"\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska" + bytes(200),
    "bmp": b"BM" + bytes(60),
}


def saved(workspace: Path, name: str, rows: str, media: bytes) -> None:
    folder = sets_beside(workspace) / name
    folder.mkdir(parents=True)
    (folder / "items.jsonl").write_text(rows, "utf-8")
    (folder / "a.gif").write_bytes(media)


class Asker:
    """A client that looks through all that it is told for the server's folders."""

    def __init__(self, service: Served, folders: list[Path]) -> None:
        self.http = httpx.Client(base_url=service.url, timeout=300)
        self.folders = [str(folder) for folder in folders]
        self.told: list[str] = []

    def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        answer = self.http.request(method, path, **options)
        shown = f"{answer.headers}\n{answer.content.decode('utf-8', 'replace')}"
        for folder in self.folders:
            where = shown.find(folder)
            assert where < 0, f"{method} {path}: {shown[max(0, where - 100) : where + 200]}"
        self.told.append(answer.text)
        return answer

    def message(self, *asked: str, **options: Any) -> str:
        return str(self(*asked, **options).json()["error"]["message"])


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service with a home, a folder for passing files and a workspace that nobody else has."""
    place = tmp_path_factory.mktemp("hidden")
    with pytest.MonkeyPatch.context() as changed:
        for variable, name in (("HOME", "home"), ("TMPDIR", "passing")):
            (place / name).mkdir()
            changed.setenv(variable, str(place / name))
        served = Served(place / "work" / "w.sqlite")
    for name, rows in BAD_ROWS.items():
        saved(served.workspace, name, rows, GIF)
    saved(served.workspace, "damaged", json.dumps(ROW), BAD_FILES["gif"])
    yield served
    served.end()


@pytest.fixture(scope="module")
def ask(service: Served) -> Asker:
    place = service.workspace.parent.parent
    return Asker(service, [place, ROOT, Path(sys.prefix), Path(tempfile.gettempdir())])


def test_uploads_are_called_as_their_sender_does(ask: Asker) -> None:
    for name, data in BAD_FILES.items():
        said = ask.message("POST", "/v1/clips", files={"file": (f"my {name}.gif", data)})
        assert said.startswith(f"my {name}.gif: "), said
        sha = hashlib.sha256(data).hexdigest()
        for path in ("", "/keyframes", "/captions", "/frames/0.png"):
            assert f"my {name}.gif: " in ask.message("GET", f"/v1/clips/{sha}{path}")
        ask("POST", f"/v1/clips/{sha}/ask", json={"model": "known:fair"})


def test_sets_are_called_by_their_names(ask: Asker) -> None:
    rows = {row["name"]: row.get("error") for row in ask("GET", "/v1/sets").json()}
    for name in BAD_ROWS:
        assert rows[name].startswith(f"{name}/items.jsonl"), rows[name]
        wanted = {"set": name, "model": "known:fair", "limit": 1}
        assert ask.message("POST", "/v1/runs", json=wanted) == rows[name]
    ask.message("POST", "/v1/clips/from-set", json={"set": "damaged", "item": "a"})


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("~", "~ is no checkpoint"),
        ("~/gone", "~/gone is no checkpoint"),
        ("./gone", "gone is no checkpoint"),
        ("..", ".. is no checkpoint"),
        ("../gone", "/gone is no checkpoint"),
        ("server:http://127.0.0.1:9/v1#m", "http://127.0.0.1:9/v1"),
        ("~/broken", "~/broken"),
        ("~/wrong", "~/wrong"),
    ],
)
def test_models_are_called_as_they_were_asked_for(
    ask: Asker, service: Served, model: str, says: str
) -> None:
    home = service.workspace.parent.parent / "home"
    for name, text in (("broken", "{"), ("wrong", '{"model_type": "instructblip"}')):
        (home / name).mkdir(exist_ok=True)
        (home / name / "config.json").write_text(text)
    sha = ask("POST", "/v1/clips", files={"file": ("a.gif", GIF)}).json()["sha256"]
    asked = ask("POST", f"/v1/clips/{sha}/ask", json={"model": model, "k": 1}).text
    assert '"type"' in asked and says in asked


def test_runs_and_files_of_them_name_no_folder(ask: Asker, service: Served) -> None:
    wanted = {"set": "damaged", "model": "known:fair", "conditions": ["first", "keyframes"]}
    job = ask("POST", "/v1/runs", json=wanted).json()
    assert job["about"]["set"] == "damaged"
    with mp.Client(service.url) as client:
        next(one for one in client.jobs() if one.id == job["job"]).wait(seconds=300)
    run = ask("GET", f"/v1/jobs/{job['job']}").json()["run"]
    ask("GET", f"/v1/jobs/{job['job']}/events")
    problems = {row["problem"] for row in ask("GET", f"/v1/runs/{run}/trials").json()}
    assert len(problems) == 1 and problems.pop().startswith("damaged/a.gif: ")
    made = ask("GET", f"/v1/runs/{run}").json()["provenance"]
    assert made["set_spec"] == made["set_folder"] == "damaged"
    assert made["command"].startswith("memeprobe run damaged ")
    files = (f"/export/{form}" for form in ("csv", "markdown", "latex", "every-eval-ever"))
    for path in ("/record", "/report", *files):
        assert ask("GET", f"/v1/runs/{run}{path}").status_code == 200
    for path in ("/v1/runs", "/v1/jobs", "/v1/models", "/v1/compare?runs=0&runs=1"):
        ask("GET", path)


def test_what_a_failed_job_said_names_no_folder(ask: Asker, service: Served) -> None:
    folder = service.job_folder("failed")
    lost = sets_beside(service.workspace) / "lost"
    (folder / "log.txt").write_text(f"memeprobe: there is no set in {lost}\n", "utf-8")
    assert ask("GET", "/v1/jobs/failed").json()["log"] == "memeprobe: there is no set in lost"


def test_a_store_that_is_none_is_called_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "w.sqlite").write_bytes(b"no store")
    service = Served(tmp_path / "w.sqlite")
    try:
        said = Asker(service, [tmp_path]).message("GET", "/v1/runs")
        assert said.startswith("w.sqlite: ")
    finally:
        service.end()


def test_only_the_servers_folders_go(tmp_path: Path) -> None:
    from memeprobe.service.outside import Outside

    outside = Outside(tmp_path / "w.sqlite")
    sets, home = sets_beside(tmp_path / "w.sqlite"), Path.home()
    texts = {
        f"{sets}/cats/items.jsonl: line 1": "cats/items.jsonl: line 1",
        f"there is none in {sets}.": "there is none in sets.",
        f"no file in {sets}/cats.": "no file in cats.",
        f"cannot write {tmp_path}/w.sqlite-wal": "cannot write w.sqlite-wal",
        f"'{tmp_path}' is full": f"'{tmp_path.name}' is full",
        f"({home}/models/x)": "(~/models/x)",
        f"http://host{tmp_path}/v1": f"http://host{tmp_path}/v1",
        "/srv/models/x is no checkpoint": "/srv/models/x is no checkpoint",
        "cats and/or /tmpx": "cats and/or /tmpx",
    }
    assert {text: outside(text) for text in texts} == texts
