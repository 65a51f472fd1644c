"""What made a run, in words: enough to repeat it, in every report and export."""

import time

from memeprobe.store.rows import RunRecord

Line = tuple[tuple[str, str], str]
"""((what in English, in Chinese), value)."""


def reproduction(info: RunRecord) -> list[Line]:
    """Everything that the answers depend on; what the run does not know is left out."""
    made = info.provenance
    versions = dict(made.libraries) if made is not None else {}
    if made is not None and made.memeprobe:
        versions = {"memeprobe": made.memeprobe, **versions}
    judge = " ".join(info.judge) if info.judge else ""
    asked = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(info.created)) if info.created else ""
    whole = info.done >= info.planned
    lines: list[Line] = [
        (("run", "运行"), info.run),
        (("asked so far", "目前已提问"), "" if whole else f"{info.done} / {info.planned}"),
        (("name", "名称"), info.name),
        (("begun", "开始时间"), asked),
        (("command", "命令"), made.command if made is not None else ""),
        (("model", "模型"), info.model),
        (("model revision", "模型版本"), info.revision),
        (("set", "题集"), info.set),
        (("SHA-256 of the set", "题集的 SHA-256"), info.content),
        (("protocol", "协议"), str(info.protocol)),
        (("seed", "随机种子"), str(info.seed)),
        (("keyframes", "关键帧"), f"{info.k}, {info.policy}"),
        (("delivery", "传递方式"), info.delivery),
        (("language", "语言"), info.language),
        (("scoring", "计分"), info.scoring),
        (("OCR engine", "OCR 引擎"), info.engine),
        (("judge", "评判模型"), judge),
        (("device", "设备"), made.device if made is not None else ""),
        (("platform", "平台"), made.platform if made is not None else ""),
        (("versions", "版本"), ", ".join(f"{k} {v}" for k, v in versions.items())),
    ]
    return [(names, value) for names, value in lines if value]
