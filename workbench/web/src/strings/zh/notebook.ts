/** What is said in notebooks alone; `saved` and below stand in the saved file, where no program runs. */
export const notebook = {
  "notebook.waiting": "正在等待 Python …",
  "notebook.busy": "Python 正忙。你在这里做的会被保留，等它空下来就送达。",
  "notebook.silent": "Python 没有回应。内核在运行吗？",
  "notebook.fileMissing": "文件 {name} 不属于此安装。",
  "notebook.refused":
    "你在这里做的某件事与 Python 期间的改动不再相符，因此没有保留。需要的话请再做一次。",
  "notebook.rejoined": "页面与 Python 的内容有了出入；现在页面显示 Python 的内容。",
  "notebook.piece": "{title}：{tracks} 条音轨，{notes} 个音符",
  "notebook.untitled": "未命名",
  "notebook.picture": "{title} 的钢琴卷帘",
  "notebook.picturePart": "{title} 前 {bars} 小节的钢琴卷帘",
  "notebook.sound": "前 {seconds} 秒",
  "notebook.saved": "保存时的样子。运行单元格即可播放和编辑。",
  "notebook.needsKernel": "这个组件需要运行中的内核；下面的图片不需要。",
  "notebook.take": "演奏 {number}",
} as const;
