"""What the pages say of people who make and label sets, in English and Chinese."""

LABELS: dict[str, tuple[str, str]] = {
    "set_name_wrong": (
        "A set's name has letters (A to Z), digits, - and _ only, and 40 of them at most; "
        "{name} is no such name.",
        "题集名称只能有字母（A 到 Z）、数字、- 和 _，最多 40 个；{name} 不符合。",
    ),
    "set_owner": ("Your name (owner)", "你的名字（所有者）"),
    "owner_help": (
        "Drafts are kept under it, and it stands in the set. Whoever gives it finds the drafts.",
        "草稿保存在此名字下，也会写入题集。任何填写这个名字的人都能找到草稿。",
    ),
    "draft_of": ("draft: {name} · {n} items · {when}", "草稿：{name} · {n} 道题 · {when}"),
    "set_of": ("saved set: {name}", "已保存的题集：{name}"),
    "go_on_with": ("Go on with a draft, or change a set", "继续草稿，或修改题集"),
    "set_too_long": (
        "This set has {n} items; {most} at most can be changed here. Change its files instead.",
        "题集有 {n} 道题；这里最多修改 {most} 道题的题集，请直接修改文件。",
    ),
    "not_kept": (
        "Nothing is kept yet: give your name to have the draft kept as you go.",
        "尚未保存：填写名字后草稿会自动保存。",
    ),
    "kept_draft": ("The draft is kept, under {owner}.", "草稿已保存在 {owner} 名下。"),
    "discard_draft": ("Discard the draft", "丢弃草稿"),
    "set_of_other": (
        "The set {name} is {owner}'s. Choose another name, or let it be replaced.",
        "题集 {name} 属于 {owner}。请换个名字，或勾选替换。",
    ),
    "label_set": ("Label", "标注"),
    "label_hint": (
        "Several people label the same items, each under a name of their own and without seeing "
        "the others' labels. What you choose or type is kept at once, for everybody who uses this "
        "workspace.",
        "多个人用各自的名字标注同样的题目，互相看不到对方的标注。选择或输入的内容会立即保存，"
        "使用此工作区的人都能看到。",
    ),
    "label_person": ("Your name", "你的名字"),
    "label_who": ("Give your name first.", "请先填写名字。"),
    "item_notes": ("Notes ({n})", "备注（{n}）"),
    "label_next_open": ("Next without a label ({n})", "下一个未标注的（{n}）"),
    "label_none": ("none of these", "都不对"),
    "label_caption": ("The caption, as you read it", "图上的文字"),
    "label_note": ("A note", "备注"),
    "label_answer": ("The answer", "答案"),
    "label_no_caption": ("There is no caption", "没有文字"),
    "label_kept": ("Kept.", "已保存。"),
    "agreement": ("Agreement", "一致性"),
    "agreement_help": (
        "Krippendorff's alpha with its 95 % interval: 1 = all agree, 0 = as by chance. Answers are "
        "the same or not; captions differ by the share of letters that would have to be changed. "
        "[-1, 1] = too few items agree or differ to say more.",
        "Krippendorff α 及 95 % 区间：1 = 完全一致，0 = 与随机相当。答案只分相同与不同；"
        "文字的差异是需要改动的字符比例。[-1, 1] 表示一致或不一致的题目太少，无法判断。",
    ),
    "label_kind": ("labels", "标注"),
    "people": ("people", "标注者"),
    "label_both": ("items with two labels or more", "有两个以上标注的题目"),
    "label_same": ("all the same", "完全相同"),
    "alpha": ("alpha [95 %]", "α [95 %]"),
    "label_too_few": ("–", "–"),
    "label_others": ("What everybody said", "大家的标注"),
    "label_no_differing": (
        "Nobody differs, and there is no note.",
        "没有分歧，也没有备注。",
    ),
    "label_as_runs": ("As runs, to compare with models", "作为运行，与模型比较"),
    "label_runs_made": (
        "Runs of {people} are in the workspace now: pages Runs and Compare.",
        "{people} 的运行已在工作区中，见“运行”和“比较”页。",
    ),
}
"""Text -> English and Chinese."""
