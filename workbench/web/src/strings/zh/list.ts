export const list = {
  "list.notes": "音符", "list.addNote": "添加音符", "list.remove": "移除",
  "list.bar": "小节", "list.beat": "拍", "list.note": "音符", "list.length": "时值（四分音符）",
  "list.loudness": "力度（1 到 127）",
  "list.before": "上一页", "list.after": "下一页", "list.page": "第 {page} 页，共 {pages} 页",
  "list.piece": "和弦、速度、拍号、调和标记",
  "list.chords": "和弦", "list.addChord": "添加和弦", "list.root": "根音", "list.kind": "类型", "list.majorChord": "大调",
  "list.tempos": "速度", "list.addTempo": "添加速度变化", "list.beats": "每分钟四分音符数",
  "list.meters": "拍号", "list.addMeter": "添加拍号变化", "list.upper": "每小节拍数", "list.lower": "以几分音符为一拍",
  "list.keys": "调", "list.addKey": "添加调", "list.key": "调", "list.major": "大调", "list.minor": "小调",
  "list.markers": "标记", "list.addMarker": "添加标记", "list.text": "文字", "list.newMarker": "新段落",
  "list.noTrack": "还没有音轨",
} as const;
