"""Causes that media files give, by their English form: see ``causes``."""

_TRUST = r"; if you trust the file, raise it with (?P<how>.+)"
_TRUSTED = "；如果信任该文件，可用 {how} 提高"

MEDIA: tuple[tuple[str, str], ...] = (
    (
        rf"(?P<what>.+), over the limit (?P<limit>\w+ = [\d,]+){_TRUST}",
        "{what}，超过上限 {limit}" + _TRUSTED,
    ),
    (r"the file has (?P<n>[\d,]+) bytes", "文件有 {n} 字节"),
    (r"a frame has (?P<n>[\d,x]+) pixels", "一帧有 {n} 像素"),
    (r"a frame of this moving picture has (?P<n>[\d,x]+) pixels", "这个动图的一帧有 {n} 像素"),
    (r"there are (?P<n>[\d,]+) frames or more", "至少有 {n} 帧"),
    (r"its (?P<n>[\d,]+) frames decode to (?P<m>[\d,]+) bytes", "它的 {n} 帧解码后有 {m} 字节"),
    (
        r"its (?P<n>[\d,]+) bytes decode to (?P<m>[\d,]+) pixels.*",
        "它的 {n} 字节解码成 {m} 像素，过分膨胀",
    ),
    (
        r"(?:decoding took more than|its decoder was ended after) (?P<n>\d+) s.*",
        "解码超过 {n} 秒，已放弃",
    ),
    (r"its decoder crashed \((?P<why>.+)\).*", "解码器崩溃（{why}）：文件已损坏，或被恶意制作"),
    (
        r"its content is none of the media that can be read \((?P<known>.+)\); .+",
        "从内容看不是可读取的媒体格式（{known}）",
    ),
    (r"the file is empty", "文件是空的"),
    (r"no such file", "没有这个文件"),
    (r"is a folder, not a media file", "是文件夹，不是媒体文件"),
    (r"cannot be read: (?P<rest>.+)", "无法读取：{rest}"),
    (r"broken (?P<kind>\w+) file: (?P<rest>.+)", "{kind} 文件已损坏：{rest}"),
    (r"frame (?P<n>\d+) cannot be decoded: (?P<rest>.+)", "第 {n} 帧无法解码：{rest}"),
    (r"the picture is (?P<n>\d+x\d+) pixels: nothing to see", "图片为 {n} 像素，没有内容"),
    (r"it needs more memory than there is", "需要的内存超过现有的"),
    (r"this file needs more than (?P<n>.+) of memory.*", "解码这个文件需要超过 {n} 的内存，已放弃"),
    (
        r"this file took more than (?P<n>\d+) s and was given up; (?P<name>\w+) sets the time",
        "处理这个文件超过 {n} 秒，已放弃；{name} 可设定时间",
    ),
    (
        r"this file made its decoder crash or run out of memory; it was given up",
        "这个文件使解码器崩溃或耗尽内存，已放弃",
    ),
    (r"this file cannot be used \((?P<rest>.+)\)", "这个文件无法使用（{rest}）"),
    (r"there is no caption to replace", "没有可替换的文字"),
    (r"the font has no glyph for (?P<what>.+)", "字体没有 {what} 的字形"),
    # What is broken in a file, as errors and as warnings
    (r"no image in it can be decoded", "里面没有能解码的图像"),
    (
        r"byte (?P<n>\d+) starts no GIF block \((?P<code>\w+)\); "
        r"what follows image (?P<m>\d+) is lost",
        "第 {n} 字节不是 GIF 块的开头（{code}）；第 {m} 个图像之后的内容已丢失",
    ),
    (
        r"the file breaks off: it ends inside or after image (?P<n>\d+) without the end mark",
        "文件中断：在第 {n} 个图像之中或之后结束，没有结束标记",
    ),
    (r"the file ends inside the (?P<kind>\w+) header", "文件在 {kind} 文件头之内就结束了"),
    (
        r"image (?P<n>\d+) is (?P<size>\d+x\d+) pixels and shows nothing",
        "第 {n} 个图像为 {size} 像素，没有内容",
    ),
    (
        r"image (?P<n>\d+): (?P<rest>.+); (?P<a>\d+) of (?P<b>\d+) pixels are kept",
        "第 {n} 个图像：{rest}；{b} 个像素中保留 {a} 个",
    ),
    (
        r"image (?P<n>\d+) has no colour table; it is drawn black",
        "第 {n} 个图像没有颜色表，画成黑色",
    ),
    (
        r"image (?P<n>\d+): a pixel has colour (?P<a>\d+), but the colour table only (?P<b>\d+); "
        r"it is drawn black",
        "第 {n} 个图像：有像素用到颜色 {a}，而颜色表只有 {b} 种；画成黑色",
    ),
    (r"a graphic control block of (?P<n>\d+) bytes is ignored", "忽略了 {n} 字节的图形控制块"),
    (r"a plain text block is not drawn \(.+\)", "纯文本块没有绘制（浏览器都不绘制）"),
    (r"the file holds no picture data", "文件里没有图像数据"),
    (r"it does not begin with a PNG header", "开头不是 PNG 文件头"),
    (r"the picture's data are broken", "图像数据已损坏"),
    (
        r"the picture breaks off: (?P<a>\d+) of (?P<b>\d+) rows are kept",
        "图像中断：{b} 行中保留 {a} 行",
    ),
    (
        r"the header promises (?P<a>\d+) frames, the file holds (?P<b>\d+)",
        "文件头声明有 {a} 帧，文件里有 {b} 帧",
    ),
    (
        r"the control chunk of frame (?P<n>\d+) is cut off; the rest is lost",
        "第 {n} 帧的控制块被截断，其余已丢失",
    ),
    (
        r"frame (?P<n>\d+) is .+, which is not allowed on a canvas of (?P<size>\S+); .+",
        "第 {n} 帧不合规范（画布为 {size}）；它和其余的已丢失",
    ),
    (r"frame (?P<n>\d+): (?P<rest>.+)", "第 {n} 帧：{rest}"),
    (
        r"what it shows is white on transparent: nothing is seen on a white page",
        "内容是透明底上的白色：在白色页面上什么也看不到",
    ),
    (r"it holds (?P<n>\d+) frames, of which .+ reads (?P<m>\d+)", "有 {n} 帧，只能读出 {m} 帧"),
    # What Pillow says most
    (r"cannot decode image data", "图像数据无法解码"),
    (r"cannot load this image", "图像无法载入"),
    (r"Truncated File Read", "文件被截断"),
    (r"not enough image data", "图像数据不够"),
    (r"image file is truncated(?: \(.+\))?", "图像文件被截断"),
    (r"the compressed data are broken", "压缩数据已损坏"),
    (r"the WebP file breaks off", "WebP 文件中断"),
    (r"the file breaks off: (?P<n>\d+) whole frames are kept", "文件中断：保留了 {n} 个完整的帧"),
    (r"it breaks off before its first row of pixels", "在第一行像素之前就中断了"),
    (r"the video stream holds no frame that can be decoded", "视频流里没有能解码的帧"),
    (r"the file holds no video stream", "文件里没有视频流"),
    (r"the file holds no video, only .+", "文件里没有视频，只有封面或缩略图"),
    (r"the file refers to another file, which is not opened", "文件引用了另一个文件，没有打开它"),
    (r"the file breaks off: its table of frames \(moov\) is missing", "文件中断：缺少帧表（moov）"),
    (
        r"the file breaks off before its end; the frames up to there are kept",
        "文件在结尾之前中断；保留了之前的帧",
    ),
    (
        r"(?P<n>\d+) packets of the video cannot be decoded; the rest is kept",
        "视频有 {n} 个数据包无法解码；保留了其余的",
    ),
    (r"it holds no primary picture", "里面没有主图像"),
    (r"a picture in it cannot be decoded", "里面有图像无法解码"),
    (r"the file breaks off before the data of its picture", "文件在图像数据之前中断"),
    (r"its table of items breaks off", "它的项目表中断"),
    (r"is not a regular file", "不是普通文件"),
)
"""(form of the English cause, the Chinese one with the parts that are named in it)."""
