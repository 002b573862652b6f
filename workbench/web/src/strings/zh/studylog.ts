/** The interaction log that others keep, once a person has agreed. */
export const studylog = {
  "log.trouble": "你做的现在无法保存；此页面先留着，会自动再试。",
  "log.again": "你做的又在保存了，什么也没丢。",
} as const;
