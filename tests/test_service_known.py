"""Known subjects about one clip over HTTP, and one run's record: what a client need not guess."""

from collections.abc import Iterator
from typing import Any

import pytest

import memeprobe as mp
from memeprobe.one_subject import SPECS
from tests.service import Served
from tests.test_service import gif

pytestmark = pytest.mark.slow

pytest.importorskip("fastapi", reason='needs pip install "memeprobe[service]"')


class Noting(mp.Client):
    """A client that keeps the paths it asked."""

    def request(self, method: str, path: str, **options: Any) -> Any:
        self.asked = [*getattr(self, "asked", []), f"{method} {path}"]
        return super().request(method, path, **options)


@pytest.fixture(scope="module")
def client(served: Served) -> Iterator[Noting]:
    with Noting(served.url) as found:
        yield found


def test_a_subject_names_the_frames_that_it_looks_at(client: Noting, tmp_path: Any) -> None:
    (tmp_path / "a.gif").write_bytes(gif(61, 7))
    clip = client.open_clip(tmp_path / "a.gif")
    shown = [str(row["index"]) for row in clip.keyframes(3, policy="uniform_time")]
    assert len(shown) == 3
    seen = {}
    for spec in SPECS:
        look = clip.look(spec, k=3, policy="uniform_time", deliveries=["native"])
        said = {one["condition"]: one["text"] for one in look["answers"]}
        assert all(one["receipt"]["frames_shown"] for one in look["answers"])
        seen[spec] = (said["keyframes"], said["reversed"], look["first_picture"]["native"])
    every, backwards = " ".join(shown), " ".join(reversed(shown))
    verdicts = {spec: found[2]["only_first"] for spec, found in seen.items()}
    assert seen["known:fair"][:2] == (every, backwards)
    assert seen["known:first-frame"][:2] == (shown[0], shown[-1])
    assert seen["known:last-frame"][:2] == (shown[-1], shown[0])
    assert verdicts["known:first-frame"] == "yes" and verdicts["known:fair"] == "no"
    assert verdicts["known:blind"] == "cannot_tell"


def test_what_a_subject_cannot_do_is_refused_before_the_stream(client: Noting) -> None:
    clip = client.clip_of("order", "order-002")
    for spec, delivery, says in (
        ("known:guesser", "native", "about one meme there are known:fair, known:first-frame"),
        ("known:nobody", "native", "unknown model 'known:nobody'; did you mean"),
        ("known:fair", "grid", "supports native, vote, first_only, not 'grid'"),
    ):
        with pytest.raises(mp.ServiceError, match=says) as caught:
            clip.look(spec, deliveries=[delivery])
        assert caught.value.status == 422


def test_a_runs_record_is_asked_for_alone(client: Noting) -> None:
    runs = [client.run("static", f"known:{who}", limit=2).wait() for who in ("fair", "blind")]
    runs[0].describe(name="the fair one")
    rows = {row["run"]: row for row in client.list_runs()}
    for run in runs:
        client.asked = []
        assert run.record == rows[run.id]
        assert client.asked == [f"GET /v1/runs/{run.id}/record"]
    assert client.get(f"/v1/runs/{runs[0].id[:9]}/record")["name"] == "the fair one"
    with pytest.raises(mp.ServiceError, match="no run") as caught:
        client.get("/v1/runs/0000nothing/record")
    assert caught.value.status == 404
