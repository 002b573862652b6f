/** A band for a voice, on the listening page. */
export const bandmaker = {
  "bandmaker.title": "为你的声音配乐队",
  "bandmaker.lead": "它跟随上面的音符和适合的和弦；请先把错处改好。",
  "bandmaker.style": "风格",
  "bandmaker.timing": "节奏",
  "bandmaker.timing.followed": "乐队跟着我",
  "bandmaker.timing.tightened": "把我对齐到均匀的拍子",
  "bandmaker.choir": "用我的声音组成合唱",
  "bandmaker.make": "配一支乐队",
  "bandmaker.another": "再来一版",
  "bandmaker.making": "正在编写乐队：{style} …",
  "bandmaker.packing": "正在写出分轨和音符：{style} …",
  "bandmaker.heard": "你的声音与乐队：{style}",
  "bandmaker.done": "你的乐队好了：{style}",
  "bandmaker.keep": "把乐队放进乐曲",
  "bandmaker.save": "保存声音",
  "bandmaker.pack": "给音乐人（zip）",
} as const;
