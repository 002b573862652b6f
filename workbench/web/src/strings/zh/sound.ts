export const sound = {
  "sound.asleep": "浏览器只在你点击页面或按键之后才允许发声。请再按一次播放。",
  "sound.insecure":
    "这个地址不安全，浏览器不允许实时乐器：播放可用，单个音不发声。请用 https 打开页面，或在运行它的电脑上打开。",
  "sound.notMade": "服务器无法生成声音。请稍后再试。",
  "sound.recordingGone": "{name} 的录音在这里无法播放，改为演奏它的音符。",
} as const;
