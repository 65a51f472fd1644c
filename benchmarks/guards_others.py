"""Guards that are no ``raise``: bounds, clamps, escapes, and what is kept from strangers.

A row switches one off: (file, what stands there once, what stands there instead, its tests). A test
is named by its file, or by the beginning of its id.
"""

from benchmarks.guards_servers import SERVERS, Row

_ALONE = "tests/test_frames_isolated.py"
_KEPT = "tests/test_guards_kept.py"
MEDIA: tuple[Row, ...] = (
    ("frames/video.py", "format=self._container,", "", f"{_KEPT}::test_ffmpeg"),
    ("frames/video.py", "and v.codec_context.name in known", "", _KEPT),
    (
        "frames/video.py",
        'context.options = {"max_pixels": str(self._max_pixels)}',
        "context.options = {}",
        _KEPT,
    ),
    ("frames/video.py", "check_size(limits, *shape[:2], len(starts))", "", _KEPT),
    (
        "frames/video.py",
        "check_inflation(limits, pixels // VIDEO_PIXELS_PER_BYTE, len(data))",
        "",
        _KEPT,
    ),
    ("frames/video.py", "Budget(limits).watch(clip.decode())", "clip.decode()", _KEPT),
    (
        "frames/webp.py",
        "check_inflation(limits, width * height * frames, len(data))",
        "",
        f"{_KEPT}::test_a_small_webp",
    ),
    (
        "frames/decoder.py",
        "resource.setrlimit(resource.RLIMIT_CPU, (used + seconds + 1, hard))",
        "pass",
        _ALONE,
    ),
    ("frames/decoder.py", "signal.alarm(seconds * PATIENCE)", "pass", _ALONE),
    (
        "frames/decoder.py",
        "resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))",
        "pass",
        _ALONE,
    ),
    (
        "frames/isolated.py",
        "if k.startswith((*HARMLESS, *more))",
        "",
        _ALONE,
    ),
    (
        "memeprobe/workers/environment.py",
        "{**harmless_environment(*PASSED_ON), **more}",
        '{**__import__("os").environ, **harmless_environment(), **more}',
        "tests/test_planted_key.py",
    ),
    (
        "memeprobe/workers/worker.py",
        "resource.setrlimit(resource.RLIMIT_AS, (memory, memory))",
        "pass",
        "tests/test_dashboard_safety.py::test_memory_of_a_worker_is_bounded[300]",
    ),
)
SETS: tuple[Row, ...] = (
    (
        "meme_sets/parse.py",
        "            _measure(tree, where)\n",
        "            pass\n",
        "tests/test_sets_hostile.py::test_odd_descriptions_too",
    ),
    (
        "meme_sets/parse.py",
        '_Loader.add_constructor("tag:yaml.org,2002:timestamp", _as_text)',
        "",
        "tests/test_sets_hostile.py::test_odd_descriptions_too",
    ),
    (
        "memeprobe/dashboard/sets/archives.py",
        "        shutil.rmtree(target, ignore_errors=True)\n",
        "",
        "tests/test_sets_hostile.py::test_a_zip",
    ),
    (
        "memeprobe/dashboard/sets/archives.py",
        "most = min(limits.file_bytes, limits.ratio * max(member.compress_size, 1024))",
        "most = limits.total_bytes",
        "tests/test_dashboard_safety.py",
    ),
)
_INERT = "tests/test_inert_texts.py"
TEXTS: tuple[Row, ...] = (
    (
        "memeprobe/report/export.py",
        'f"\'{text}" if text.lstrip()[:1] in FORMULA and text.strip() else text',
        "text",
        _INERT,
    ),
    ("memeprobe/report/export.py", "{k: inert(v) for k, v in row.items()}", "row", _INERT),
    (
        "memeprobe/report/export.py",
        '_MARKUP.sub(lambda found: f"&#{ord(found[0])};", one_line(text))',
        "one_line(text)",
        _INERT,
    ),
    (
        "memeprobe/report/export.py",
        '"".join(_TEX.get(c, c) for c in one_line(text))',
        "one_line(text)",
        _INERT,
    ),
    ("memeprobe/report/export.py", 'visible(" ".join(text.split()))', "text", _INERT),
    (
        "memeprobe/visible.py",
        "_OBEYED.sub(lambda found: _written(found[0]), text)",
        "text",
        _INERT,
    ),
    (
        "memeprobe/visible.py",
        '_OBEYED.sub(lambda found: f"\\\\u{ord(found[0]):04x}", text)',
        "text",
        _INERT,
    ),
    (
        "memeprobe/cli/console.py",
        "super().render_str(visible(text), **options)",
        "super().render_str(text, **options)",
        _INERT,
    ),
    (
        "memeprobe/cli/console.py",
        "{escape(str(message))}",
        "{message}",
        _KEPT,
    ),
    ("memeprobe/report/html.py", "autoescape=True", "autoescape=False", _INERT),
    (
        "memeprobe/dashboard/ui/texts.py",
        '_MARKDOWN.sub(r"\\\\\\1", plain)',
        "text",
        _KEPT,
    ),
    (
        "memeprobe/dashboard/ui/texts.py",
        '_LINKED.sub("\\u2060", " ".join(visible(text).split()))',
        '" ".join(visible(text).split())',
        _KEPT,
    ),
    (
        "memeprobe/dashboard/ui/pictures.py",
        'title="{escape(text)}, {times}">{escape(text)}</i>',
        'title="{text}, {times}">{text}</i>',
        _KEPT,
    ),
    (
        "memeprobe/dashboard/ui/downloads.py",
        "differences(runs, rows).map(inert).to_csv",
        "differences(runs, rows).to_csv",
        _KEPT,
    ),
    (
        "memeprobe/report/export_leaderboard.py",
        "{escape(visible(c))}",
        "{c}",
        _KEPT,
    ),
)
_DAMAGE = "tests/test_store_damage.py"
STORES: tuple[Row, ...] = (
    ("memeprobe/files.py", "beside.replace(path)", "", "tests/test_store_commands.py"),
    (
        "memeprobe/files.py",
        'beside = path.with_name(f".{path.name}.{os.getpid()}.new")',
        "beside = path",
        "tests/test_store_commands.py::test_a_file_is_whole",
    ),
    (
        "memeprobe/store/connect.py",
        "?mode=ro",
        "?mode=rwc",
        "tests/test_store_refusals.py::test_who_reads",
    ),
    ("memeprobe/store/connect.py", "&immutable=1", "", f"{_DAMAGE}::test_a_read_only_medium"),
    (
        "memeprobe/store/connect.py",
        'beside = path.with_name(path.name + ".new")',
        "beside = path",
        f"{_DAMAGE}::test_a_backup",
    ),
)
_TELLING = "tests/test_no_telemetry.py"
MODELS: tuple[Row, ...] = (
    (
        "ocr/__init__.py",
        'os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")',
        "",
        f"{_TELLING}::test_a_look_leaves",
    ),
    (
        "vlm/__init__.py",
        'os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")',
        "",
        f"{_TELLING}::test_the_hub",
    ),
    (
        "memeprobe/cli/pages.py",
        'given += ["--browser.gatherUsageStats", "false"]',
        "",
        f"{_TELLING}::test_the_pages",
    ),
    (
        "memeprobe/report/mlflow_log.py",
        'os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")',
        "",
        _KEPT,
    ),
    (
        "vlm/chat/render_trial.py",
        "resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))",
        "pass",
        "tests/test_vlm_template.py",
    ),
    (
        "vlm/chat/render_trial.py",
        "resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))",
        "pass",
        "tests/test_vlm_template.py",
    ),
)
OTHERS: tuple[Row, ...] = MEDIA + SERVERS + SETS + TEXTS + STORES + MODELS
