"""What the pages say of many runs, many items and many files, in English and Chinese."""

MANY: dict[str, tuple[str, str]] = {
    "find_runs": ("Find runs", "查找运行"),
    "find_runs_hint": ("model, set, delivery or id", "模型、题集、传递方式或编号"),
    "runs_found": ("{n} of {all} runs", "{n} / {all} 次运行"),
    "mark_runs": (
        "Mark runs at the left of the table to open, compare or delete them; click a heading to "
        "sort by it.",
        "在表格左侧勾选运行，即可打开、比较或删除；点击表头可排序。",
    ),
    "set": ("set", "题集"),
    "updated": ("changed", "更新于"),
    "items_asked": ("items at most", "题数上限"),
    "took": ("minutes", "分钟"),
    "run_id": ("id", "编号"),
    "done": ("done", "进度"),
    "delete_runs": ("Delete {n} …", "删除 {n} 次……"),
    "delete_warning": (
        "Their answers go too, unless another run uses them. There is no way back.",
        "它们的回答也会删除（其他运行仍在用的除外），且无法恢复。",
    ),
    "delete_for_good": ("Delete for good", "彻底删除"),
    "delete_running": (
        "Still under way: {runs}. Cancel the job first.",
        "仍在进行：{runs}。请先取消任务。",
    ),
    "deleted": ("{n} runs deleted", "已删除 {n} 次运行"),
    "format_parquet": ("Parquet",) * 2,
    "format_csv": ("CSV",) * 2,
    "format_latex": ("LaTeX",) * 2,
    "format_markdown": ("Markdown",) * 2,
    "format_inspect": ("Inspect",) * 2,
    "format_every-eval-ever": ("Every Eval Ever",) * 2,
    "items_as": ("Items as", "题目显示为"),
    "as_list": ("one by one", "逐题"),
    "as_gallery": ("gallery", "图集"),
    "sort_items": ("Order", "排序"),
    "sort_disagreement": ("most disagreement first", "分歧最大的在前"),
    "sort_set_order": ("as in the set", "按题集顺序"),
    "sort_worst": ("most mistakes first", "错得最多的在前"),
    "find_items": ("Find in ids and questions", "在编号和问题中查找"),
    "right_of": ("{right} of {all} right", "{all} 次中答对 {right} 次"),
    "no_picture_here": ("no picture at hand", "没有图片"),
}
"""Text -> English and Chinese."""
