/** The sheet. */
export const sheet = {
  "sheet.play": "播放",
  "sheet.stop": "停止",
  "sheet.readFor": "写给",
  "sheet.concert": "钢琴、人声、弦乐、长笛",
  "sheet.bflat": "小号、单簧管（降 B 调）",
  "sheet.eflat": "中音萨克斯（降 E 调）",
  "sheet.f": "圆号（F 调）",
  "sheet.print": "打印或存为 PDF",
  "sheet.label": "乐谱；左右方向键在音符间移动",
  "sheet.at": "第 {bar} 小节，第 {beat} 拍",
  "sheet.working": "正在制谱 …",
  "sheet.failed": "乐谱无法生成；请再试一次。",
} as const;
