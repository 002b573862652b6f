export const common = {
  "common.language": "语言",
  "common.trouble": "页面出了点问题。你的作品是安全的；重新加载页面即可继续。",
  "server.away": "无法连接服务器。",
  "server.none": "这个页面背后没有服务器。",
  "server.refused": "服务器不接受这首乐曲，因此模型和导出无法使用它。",
  "server.saveFile": "存为文件",
  "job.unknown": "服务器不认识这个页面；请重新加载。",
  "job.lost": "与服务器的连接断了。你的乐曲是安全的：等它恢复后再试一次。",
  "job.next": "下一个就是你。",
  "job.waiting.one": "你前面还有 {count} 项任务。",
  "job.waiting.other": "你前面还有 {count} 项任务。",
} as const;
