"""More rows of the table in ``texts``: the pages about runs, sets and calibration."""

MORE: dict[str, tuple[str, str]] = {
    "suggestions": (
        "What happens in the picture?|What happens at the end?|What does the caption say?"
        "|How does the character feel at the end?",
        "图里发生了什么？|最后发生了什么？|图上写了什么字？|最后角色的心情怎么样？",
    ),
    "caution_nano": (
        "blip-nano knows only the rendered world of the built-in sets; what it answers about real "
        "pictures means nothing. Take a real model for your own files.",
        "blip-nano 只认识内置题集的渲染世界；它对真实图片的回答毫无意义。"
        "自己的文件请用真正的模型。",
    ),
    "frames_seen": ("frames seen", "看到的帧数"),
    "condition": ("condition", "条件"),
    "delivery": ("delivery", "传递方式"),
    "answer": ("answer", "回答"),
    "replacement": ("HELLO", "你好"),
    # Runs
    "new_run": ("New run", "新的运行"),
    "known_subject": ("A known subject", "已知对象"),
    "which_set": ("Set", "题集"),
    "set_zip": ("or a zipped set", "或上传题集的 zip"),
    "set_zip_help": (
        "A folder with items.jsonl and media (docs/sets.md), zipped.",
        "包含 items.jsonl 和媒体文件的文件夹（见 docs/sets.md），打成 zip。",
    ),
    "own_folder": ("a folder …", "文件夹……"),
    "folder": ("Folder on this machine", "本机上的文件夹"),
    "preset": ("Preset", "预设"),
    "preset_quick": (
        "quick: both probes in outline, {items} items", "快速：两种探针的概要，{items} 题"
    ),
    "preset_standard": (
        "standard: what every verdict needs, {items} items", "标准：各结论所需的条件，{items} 题"
    ),
    "preset_full": ("full: every condition on every item", "完整：全部题目、全部条件"),
    "question_language": ("Questions in", "问题语言"),
    "limit": ("Only the first … items (0 = all)", "只取前……题（0 = 全部）"),
    "cost": (
        "{items} items, {trials} trials, at most {calls} model calls{time}.",
        "{items} 道题，{trials} 次试验，最多 {calls} 次模型调用{time}。",
    ),
    "cost_time": (", about {time} at this model's usual pace", "，按该模型通常的速度约需 {time}"),
    "cost_unknown": (
        "; how long that takes is known once it has answered some", "；答过一些题之后才知道需要多久"
    ),
    "one_delivery": ("Delivery", "传递方式"),
    "start": ("Start", "开始"),
    "started": (
        "Started. It goes on when you close this page.", "已开始。关闭页面也会继续。"
    ),
    "background": ("Background jobs", "后台任务"),
    "state_running": ("running", "运行中"),
    "state_finished": ("finished", "已完成"),
    "state_paused": ("paused", "已暂停"),
    "state_cancelled": ("cancelled", "已取消"),
    "state_failed": ("failed", "失败"),
    "trials_done": ("{done} of {all} trials", "{done} / {all} 次试验"),
    "time_left": ("about {time} left", "约剩 {time}"),
    "preparing": ("loading …", "正在加载……"),
    "pause": ("Pause", "暂停"),
    "resume": ("Resume", "继续"),
    "cancel": ("Cancel", "取消"),
    "stored_runs": ("Runs in the workspace", "工作区中的运行"),
    "no_runs": (
        "The workspace holds no runs yet. Start one above, or with `memeprobe run reveal`.",
        "工作区里还没有运行。在上方启动，或用 `memeprobe run reveal`。",
    ),
    "open": ("Open", "打开"),
    "open_run": ("Open a run", "打开一次运行"),
    "run_label": ("{model} · {set} · {delivery} · {when} · {done}/{planned}",) * 2,
    "verdicts": ("Verdicts", "结论"),
    "first_frame": ("First-frame bias", "首帧偏差"),
    "caption": ("Caption reading", "文字阅读"),
    "language_probe": ("Language", "语言"),
    "order_probe": ("Order of the frames", "帧的顺序"),
    "not_finished": (
        "This run is not complete: {done} of {planned} trials. What follows is about these.",
        "这次运行尚未完成：{done} / {planned} 次试验。以下结果只针对已完成的部分。",
    ),
    "curve": ("Position curve", "位置曲线"),
    "curve_help": (
        "Right answers by the slot in which the decisive frame stands among grey frames.",
        "决定性的一帧放在灰色帧之间的各个位置时的正确率。",
    ),
    "curve_alt": ("Position curve: {points}", "位置曲线：{points}"),
    "slot": ("slot of the decisive frame", "决定性一帧的位置"),
    "right_percent": ("right answers in percent", "正确率（%）"),
    "accuracies": ("Accuracy by condition", "各条件的正确率"),
    "accuracies_alt": ("Accuracy by condition: {points}", "各条件的正确率：{points}"),
    "numbers": ("The numbers", "数字"),
    "no_curve": (
        "No position curve: this run has no answered items with a decisive span.",
        "没有位置曲线：没有带决定性时段的已答题目。",
    ),
    "items": ("Items", "题目"),
    "filter_all": ("all", "全部"),
    "filter_flipped": ("follows the first frame", "跟随第一帧"),
    "filter_unread": ("could not read", "读不出文字"),
    "filter_failed": ("failed", "失败"),
    "filter_unparsed": ("unparsed", "无法解析"),
    "filter_wrong": ("wrong", "答错"),
    "show": ("Show", "显示"),
    "n_items": ("{n} items", "{n} 道题"),
    "open_item": ("Open an item", "打开一道题"),
    "outcome": ("outcome", "结果"),
    "outcome_right": ("✓ right", "✓ 正确"),
    "outcome_wrong": ("✗ wrong", "✗ 错误"),
    "outcome_unparsed": ("? unparsed", "? 无法解析"),
    "outcome_failed": ("! failed", "! 失败"),
    "outcome_unreadable": ("– not asked", "– 未提问"),
    "shown_frames": ("frames in the order delivered", "按传递顺序的画面"),
    "gold": ("right answer", "正确答案"),
    "lure": ("suggested by the first frame", "第一帧暗示的答案"),
    "as_receipt": ("as in the receipt", "与回执一致"),
    "not_as_receipt": ("not as in the receipt: the set has changed", "与回执不符：题集已改变"),
    "grey_frame": ("frame {n} of {name}", "{name} 的第 {n} 帧"),
    "no_picture": ("no picture", "无图"),
    "set_gone": (
        "The set of this run is not at hand, so its frames cannot be shown.",
        "找不到这次运行的题集，无法显示画面。",
    ),
    "showing_frames": ("Drawing the frames …", "正在生成画面……"),
    "ask_again": ("Ask this item again", "重新提问这道题"),
    "asked_again": (
        "Asked again: {same} of {all} answers are as before.",
        "已重新提问：{all} 个回答中 {same} 个与之前相同。",
    ),
    "again": ("now", "这次"),
    "report": ("HTML report", "HTML 报告"),
    "analysing": ("Analysing …", "正在分析……"),
    "model_said": ("said", "回答"),
    # Compare
    "choose_runs": ("Runs to compare (two or more)", "要比较的运行（两个以上）"),
    "compare_hint": (
        "Choose two or more runs. They are paired by item: only items answered in both count.",
        "请选择两个以上的运行。按题目配对：只计两边都回答了的题目。",
    ),
    "baseline": ("The first one is the reference.", "以第一个为参照。"),
    "difference": ("difference in points [95 %]", "差值（百分点）[95 %]"),
    "pairs": ("pairs", "配对数"),
    "p_value": ("p (Holm)", "p（Holm）"),
    "flips": ("Items that flip", "结果翻转的题目"),
    "gained": ("wrong → right", "错 → 对"),
    "lost": ("right → wrong", "对 → 错"),
    "no_flips": ("No item flips.", "没有翻转的题目。"),
    "no_common": (
        "These runs have no item and condition in common.", "这些运行没有共同的题目和条件。"
    ),
    "different_content": (
        "The runs are about different sets: {names}. Only items of the same name are paired.",
        "这些运行的题集不同：{names}。只配对同名题目。",
    ),
    "versus": ("{other} against {reference}", "{other} 对 {reference}"),
    "compare_alt": ("Differences by condition: {points}", "各条件的差值：{points}"),
    # Sets
    "browse": ("Browse", "浏览"),
    "make_set": ("Make one", "制作"),
    "set_facts": ("{n} items · {languages} · {licence}", "{n} 道题 · {languages} · {licence}"),
    "caption_word": ("caption", "文字"),
    "ends": ("first and last frame", "首帧和末帧"),
    "first_of": ("first frame of {item}", "{item} 的第一帧"),
    "last_of": ("last frame of {item}", "{item} 的最后一帧"),
    "kind": ("kind", "类型"),
    "options": ("options", "选项"),
    "decisive": ("decisive span", "决定性时段"),
    "media": ("media", "媒体"),
    "make_hint": (
        "Upload media, complete each item, check, save. Uploads are yours alone until you save; "
        "a saved set lies in the workspace, for everybody who uses it.",
        "上传媒体，填写每道题，检查，保存。保存之前只有你能看到；"
        "保存后题集存放在工作区，使用该工作区的人都能看到。",
    ),
    "upload_media": ("Media for the set", "题集的媒体文件"),
    "set_name": ("Name of the set (letters, digits, -)", "题集名称（字母、数字、-）"),
    "set_title": ("Title", "标题"),
    "set_licence": ("Licence of the media", "媒体的许可证"),
    "question_en": ("Question (English)", "问题（英文）"),
    "question_zh": ("Question (Chinese; empty = the same)", "问题（中文；留空则相同）"),
    "options_en": ("Options, one a line", "选项，每行一个"),
    "options_zh": ("Options in Chinese (empty = the same)", "中文选项（留空则相同）"),
    "gold_option": ("Right option", "正确选项"),
    "lure_option": ("Suggested by the first frame", "第一帧暗示的选项"),
    "no_lure": ("none", "无"),
    "caption_field": ("Caption (from OCR; correct it)", "文字（OCR 识别；请更正）"),
    "question_hint": (
        "Without a question the item is only looked at, and its caption transcribed.",
        "没有问题的题目只用来看图和抄写文字。",
    ),
    "question_or_caption": ("a question, or a caption", "问题或文字"),
    "other_caption": ("Another caption that would change the answer", "会改变答案的另一句文字"),
    "other_caption_help": (
        "It is put in the caption's place: does the answer follow? Empty = not asked.",
        "用它替换原来的文字，看回答是否跟着变。留空则不测。",
    ),
    "other_gold": ("Right option then", "那时的正确选项"),
    "has_decisive": ("The answer shows in a part only", "答案只在一段时间内可见"),
    "span": ("Decisive span (ms)", "决定性时段（毫秒）"),
    "order_matters": ("Reversed, the lure would be right", "倒放时暗示的答案才对"),
    "remove": ("Remove", "移除"),
    "set_is_fine": ("The set is fine: {n} items.", "题集没有问题：{n} 道题。"),
    "save": ("Save in the workspace", "保存到工作区"),
    "saved": ("Saved in {folder}", "已保存到 {folder}"),
    "download_set": ("Download as zip", "下载 zip"),
    "run_saved": (
        "It can be run now: page Runs, set {name}.", "现在可以运行：“运行”页，题集 {name}。"
    ),
    "no_media": ("Upload at least one file.", "请至少上传一个文件。"),
    "unpacked": ("{name}: {n} items, unpacked.", "{name}：{n} 道题，已解包。"),
    "draft_incomplete": ("still to do: {what}", "尚缺：{what}"),
    # Calibration
    "calibration_about": (
        "The instrument is calibrated on subjects whose bias is known by construction. "
        "A probe that cannot tell them apart is broken.",
        "用偏差已知的脚本模型来校准仪器。分不出它们的探针就是坏的。",
    ),
    "subject": ("subject", "对象"),
    "what_it_does": ("what it does", "它怎么做"),
    "named": ("named rightly", "判断正确"),
    "certificate": (
        "preset {preset}, {seeds} fresh runs of each subject, {items} items a set; "
        "the fair subject was called biased in {alarms:.0f} % of the runs",
        "预设 {preset}，每个对象全新运行 {seeds} 次，每个题集 {items} 题；"
        "无偏对象被误判为有偏的占 {alarms:.0f} %",
    ),
    "probe_said": ("what the probes said", "探针的结论"),
    "verdict": ("verdict", "结论"),
    "enough_items": ("items that are enough", "足够的题数"),
    "seeds": ("Fresh runs of each subject", "每个对象全新运行的次数"),
    "seeds_help": (
        "Each run draws new clips. 20 tell 95 % from chance; 2 are a quick look.",
        "每次运行都绘制新的片段。20 次足以判断 95 %；2 次只是快速一看。",
    ),
    "start_calibration": ("Calibrate now", "现在校准"),
    "no_calibration": (
        "No calibration has been stored yet.", "还没有校准结果。"
    ),
    "calibrated_on": ("Calibrated on {when}", "校准时间：{when}"),
    "from_runs": (
        "From runs on known subjects in the workspace", "来自工作区中已知对象的运行"
    ),
    "hours": ("{n:.1f} h", "{n:.1f} 小时"),
    "minutes": ("{n:.0f} min", "{n:.0f} 分钟"),
    "seconds": ("{n:.0f} s", "{n:.0f} 秒"),
}  # fmt: skip
