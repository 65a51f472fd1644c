"""Why something went wrong, in Chinese: the causes that people meet most, by their English form.

The program says its causes in English, wherever they arise; the pages say them in their visitor's
language. A cause that has no row here stays English. tests/test_causes.py makes each of them
happen, so that a changed wording is seen.
"""

import re

from memeprobe.messages.causes_media import MEDIA

CAUSES: tuple[tuple[str, str], ...] = (
    *MEDIA,
    # Sets and zips
    (r"this is no zip that can be unpacked: (?P<rest>.+)", "这不是可以解包的 zip：{rest}"),
    (r"File is not a zip file", "文件不是 zip"),
    (r"file is not a database", "文件不是数据库"),
    (r"the zip is empty", "zip 是空的"),
    (
        r"the zip holds (?P<n>[\d,]+) files, over the (?P<most>[\d,]+) limit",
        "zip 里有 {n} 个文件，超过上限 {most}",
    ),
    (
        r"the zip holds (?P<name>.+), a path that leads outside its folder; nothing was unpacked",
        "zip 里的 {name} 指向文件夹之外；没有解包任何文件",
    ),
    (
        r"the zip holds a link, (?P<name>.+); nothing was unpacked",
        "zip 里有链接 {name}；没有解包任何文件",
    ),
    (
        r"the zip holds (?P<name>.+); a set has media files, set.yaml and items.jsonl only",
        "zip 里有 {name}；题集只含媒体文件、set.yaml 和 items.jsonl",
    ),
    (
        r"(?P<name>.+) unpacks to more than (?P<n>[\d,]+) bytes from .+",
        "{name} 解包后超过 {n} 字节，超出题集文件的上限",
    ),
    (
        r"the zip unpacks to more than (?P<n>[\d,]+) bytes; it was given up",
        "zip 解包后超过 {n} 字节，已放弃",
    ),
    (
        r"there is no set named (?P<name>.+) and no folder of that name; .*"
        r"Built-in sets: (?P<known>.+)",
        "没有名为 {name} 的题集，也没有这样的文件夹；内置题集：{known}",
    ),
    (
        r"(?P<name>.+) has no (?P<files>\S+ or \S+), and no media file \(by content\) either.*",
        "{name} 里没有 {files}，也没有媒体文件（按内容）",
    ),
    (
        r"set (?P<name>.+) has no questions in (?P<language>\S+); it has (?P<has>.+)",
        "题集 {name} 没有 {language} 的问题；它有 {has}",
    ),
    (
        r"set (?P<name>.+) has nothing to ask: .+",
        "题集 {name} 没有可问的：没有一道题既有问题、正确选项、选项和决定性时段，也没有已知的文字",
    ),
    # Models and servers
    (r"unknown model (?P<name>'.*?'|\".*?\").*", "没有模型 {name}（`memeprobe models` 列出全部）"),
    (
        r"(?P<name>.+) is no checkpoint in the Hugging Face format: config.json is missing there.*",
        "{name} 不是 Hugging Face 格式的模型：缺少 config.json",
    ),
    (
        r"(?P<name>.+) has model_type (?P<kind>.+?); there are adapters for .+",
        "{name} 的 model_type 是 {kind}，没有对应的适配器",
    ),
    (r"(?P<name>.+) has no weights: .+", "{name} 里没有权重文件"),
    (r"weight file (?P<name>.+) is missing", "缺少权重文件 {name}"),
    (
        r"weight file (?P<name>.+) holds more than weights.*",
        "权重文件 {name} 里不只有权重，拒绝运行文件中的代码（或文件已损坏）",
    ),
    (r"weight file (?P<name>.+?) is damaged: (?P<why>.+)", "权重文件 {name} 已损坏：{why}"),
    (r"(?P<name>.+) is no valid JSON: (?P<why>.+)", "{name} 不是有效的 JSON：{why}"),
    (r"(?P<name>.+) does not fit into memory \((?P<why>.+)\); .+", "{name} 内存放不下（{why}）"),
    (r"the checkpoint (?P<name>.+?) makes no model: (?P<why>.+)", "{name} 无法构成模型：{why}"),
    (r"the checkpoint (?P<name>.+?) has (?P<why>.+)", "模型 {name} 的权重不符：{why}"),
    (
        r"(?P<name>.+) comes in pieces: put (?P<what>.+) into (?P<where>\S+) .+",
        "{name} 由几部分组成：请把 {what} 放进 {where}（见 docs/models.md）",
    ),
    (
        r"cannot get (?P<name>.+) from the hub: .+",
        "无法从 hub 下载 {name}；请给出本机上的模型目录",
    ),
    (
        r"(?P<name>.+) can be no directory and no hub id: .+",
        "{name} 既不是目录，也不是 hub id",
    ),
    (
        r"cannot connect to (?P<where>.+); is the server running\?(?P<rest>.*)",
        "无法连接 {where}；服务器在运行吗？{rest}",
    ),
    (r" \(given up after (?P<n>\d+) (?:try|tries)\)", "（试了 {n} 次后放弃）"),
    (
        r"(?P<where>\S+) gave no answer within (?P<n>[\d.e+]+) s; (?P<name>\w+) sets more"
        r"(?P<rest>.*)",
        "{where} 在 {n} 秒内没有回答；{name} 可延长{rest}",
    ),
    (r"(?P<where>\S+) broke off \((?P<why>.+?)\)(?P<rest>.*)", "{where} 中断了（{why}）{rest}"),
    (
        r"(?P<where>\S+) answered with no JSON but (?P<what>.+)",
        "{where} 的回答不是 JSON，而是 {what}",
    ),
    (r"(?P<where>\S+) answered (?P<status>\d{3}): (?P<said>.+)", "{where} 回答 {status}：{said}"),
    (r"(?P<where>\S+) has no model (?P<name>'.*?'|\".*?\").*", "{where} 没有模型 {name}"),
    (
        r"(?P<where>\S+) names no model; write (?P<form>\S+)\..*",
        "{where} 没有写明模型；请写成 {form}",
    ),
    (r"server:(?P<what>.+) is no address; write (?P<form>.+)", "{what} 不是地址；请写成 {form}"),
    (
        r"the address of the server (?P<where>.+) must hold no user, password or query; put the "
        r"key into the environment variable (?P<name>\w+)",
        "服务器 {where} 的地址不能含有用户名、密码或查询；请把密钥放进环境变量 {name}",
    ),
    (
        r"(?P<where>\S+) gave an answer without text \((?P<why>.+)\); .+",
        "{where} 的回答没有文字（{why}）",
    ),
    # Captions
    (r"erased, but OCR still reads (?P<text>'.*'|\".*\")", "已抹去，但 OCR 仍读到 {text}"),
    (
        r"replaced by (?P<new>'.*'|\".*\"), but OCR reads (?P<text>'.*'|\".*\")",
        "已换成 {new}，但 OCR 读到 {text}",
    ),
    (
        r"OCR does not find the caption (?P<text>'.*'|\".*\"); it reads (?P<read>'.*'|\".*\")",
        "OCR 没有找到文字 {text}；读到的是 {read}",
    ),
    (r"there is no caption to replace", "没有可替换的文字"),
    (r"the font has no glyph for (?P<text>'.*'|\".*\")", "字体中没有 {text} 的字形"),
    # Kept results
    (
        r"(?P<n>[\d,]+) results with (?P<mb>[\d,]+) MB are kept here already, and there may be "
        r"(?P<most>[\d,]+) with (?P<most_mb>[\d,]+) MB; .+",
        "这里已保存 {n} 个结果，共 {mb} MB，最多可保存 {most} 个、{most_mb} MB；"
        "提供此页面的人可以用 `memeprobe kept` 移除旧的结果",
    ),
    (r"the kept result (?P<name>\w+) is damaged: (?P<why>.+)", "保存的结果 {name} 已损坏：{why}"),
    (r"cannot write into (?P<folder>.+): (?P<why>.+)", "无法写入 {folder}：{why}"),
    # The workspace
    (
        r"another program has held it for (?P<n>\d+) s; .+",
        "另一个程序占用它已有 {n} 秒；等那个程序结束后再试",
    ),
    (
        r"the disk is full or cannot be written \((?P<why>.+)\); .+",
        "磁盘已满或无法写入（{why}）；之前的回答都保留着",
    ),
    (r"it, or its folder, cannot be written; .+", "它或它所在的文件夹无法写入"),
    (
        r"it is damaged \((?P<why>.+)\); `memeprobe store check` .+",
        "它已损坏（{why}）；`memeprobe store check` 会说明还剩什么",
    ),
    (
        r"(?P<name>.+) was written by a newer memeprobe \(.+\); .+",
        "{name} 由更新版本的 memeprobe 写成；请更新 memeprobe",
    ),
    (
        r"(?P<name>.+) is an SQLite file of another program; .+",
        "{name} 是另一个程序的 SQLite 文件；没有改动",
    ),
    (
        r"cannot be used as a workspace \((?P<rest>.+)\); .+",
        "不能用作工作区（{rest}）；请用另一个文件",
    ),
)
"""(form of the English cause, the Chinese one with the parts that are named in it)."""

_FORMS = tuple((re.compile(form, re.DOTALL), said) for form, said in CAUSES)
_LONGEST = 2000
"""Characters of a cause: a longer one quotes what came from elsewhere."""
_BETWEEN = re.compile("; ")
_NAMED = re.compile(r"(?P<name>[^\n]{1,200}?): (?P<rest>.+)", re.DOTALL)


def in_chinese(cause: str) -> str:
    """The cause in Chinese, as far as it is known; what stands before a colon stays a name."""
    if len(cause) > _LONGEST:
        return cause
    for form, said in _FORMS:
        found = form.fullmatch(cause)
        if found is not None:
            return said.format(**{k: _inner(k, v) for k, v in found.groupdict().items()})
    for between in _BETWEEN.finditer(cause):  # several, one after another
        first, rest = cause[: between.start()], cause[between.end() :]
        if (said := in_chinese(first)) != first and (then := in_chinese(rest)) != rest:
            return f"{said}；{then}"
    named = _NAMED.fullmatch(cause)
    if named is None:
        return cause
    rest = in_chinese(named["rest"])
    return cause if rest == named["rest"] else f"{named['name']}：{rest}"


def _inner(name: str, part: str) -> str:
    """Parts that are causes themselves; names and numbers stay as they are."""
    if name in ("how", "files"):
        return part.replace(" or ", " 或 ")
    return in_chinese(part) if name in ("what", "rest", "said") else part
