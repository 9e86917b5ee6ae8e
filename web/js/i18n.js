// Everything the page says, in both languages. A test compares the two lists.
export const texts = {
  en: {
    characters: "Characters", conversations: "Conversations", begin: "New conversation", nothing: "No conversations yet",
    hello: "Somebody is here to talk to", choose: "Choose a character on the left, or begin at once.", talkTo: "Talk to {name}",
    write: "Write to {name}…", send: "Send", stop: "Stop", retry: "Try again", copy: "Copy", copied: "Copied",
    speaking: "You speak as", somebodyElse: "Somebody else…", nameOf: "Name", latest: "Latest words", today: "Today", yesterday: "Yesterday",
    offline: "The connection is gone. It comes back by itself; what you write is kept.", waitingToSend: "waits to be sent",
    stopped: "stopped", failed: "This did not work: {why}", length: "cut off at its longest", loading: "{model} is being loaded…",
    restarting: "The model's process ended and is being started again. The reply goes on.", engineFailed: "The model does not run: {why}",
    panel: "What is going on", model: "Model", state: "State", backend: "Computes on", threads: "Threads", jail: "Jailed",
    yes: "yes", no: "no", network: "may use the network", speed: "Speed", first: "First words after", context: "Context used",
    prompt: "Read", made: "Made", tokens: "tokens", restarts: "Restarts", lastReply: "Last reply", engine: "Engine", noReply: "No reply yet",
    dropped: "Too long ago to be read", close: "Close", lists: "Characters and conversations", light: "Light", dark: "Dark", auto: "Auto", theme: "Light or dark",
    login: "This anima asks for its password", password: "Password", enter: "Enter", wrong: "That is not it.",
    ready: "ready", starting: "starting", loadingState: "loading", restartingState: "restarting", failedState: "failed", stoppedState: "not loaded",
    thinking: "is reading what you wrote", error: "Something went wrong: {why}", language: "中文", untitled: "A new conversation",
  },
  zh: {
    characters: "角色", conversations: "对话", begin: "新对话", nothing: "还没有对话",
    hello: "这里有人可以聊天", choose: "在左边选一个角色，或者直接开始。", talkTo: "和{name}聊聊",
    write: "写给{name}……", send: "发送", stop: "停止", retry: "再试一次", copy: "复制", copied: "已复制",
    speaking: "你的身份", somebodyElse: "换个人……", nameOf: "名字", latest: "最新的话", today: "今天", yesterday: "昨天",
    offline: "连接断开了，会自动恢复；你写的内容不会丢。", waitingToSend: "等待发送",
    stopped: "已停止", failed: "没有成功：{why}", length: "到了最长的长度", loading: "正在加载 {model}……",
    restarting: "模型进程中断，正在重新启动，回复会继续。", engineFailed: "模型无法运行：{why}",
    panel: "正在发生什么", model: "模型", state: "状态", backend: "运行在", threads: "线程", jail: "沙箱",
    yes: "是", no: "否", network: "可以使用网络", speed: "速度", first: "首字等待", context: "上下文占用",
    prompt: "读入", made: "生成", tokens: "个词元", restarts: "重启次数", lastReply: "最近的回复", engine: "引擎", noReply: "还没有回复",
    dropped: "太早、读不到的", close: "关闭", lists: "角色和对话", light: "浅色", dark: "深色", auto: "自动", theme: "浅色或深色",
    login: "这个 anima 需要密码", password: "密码", enter: "进入", wrong: "密码不对。",
    ready: "就绪", starting: "启动中", loadingState: "加载中", restartingState: "重启中", failedState: "失败", stoppedState: "未加载",
    thinking: "正在读你写的话", error: "出错了：{why}", language: "English", untitled: "新的对话",
  },
};

let language = localStorage.getItem("anima.language") || ((navigator.language || "").startsWith("zh") ? "zh" : "en");

export const current = () => language;

export function change(to) {
  language = to;
  localStorage.setItem("anima.language", to);
}

export function t(key, values = {}) {
  return texts[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export const tagline = (who) => who.taglines?.[language] || who.tagline;

export function timeOf(ms) {
  return new Date(ms).toLocaleTimeString(language === "zh" ? "zh-CN" : "en-GB", { hour: "2-digit", minute: "2-digit" });
}

export function dayOf(ms) {
  const days = Math.floor((new Date().setHours(0, 0, 0, 0) - new Date(ms).setHours(0, 0, 0, 0)) / 86400000);
  if (days === 0) return t("today");
  if (days === 1) return t("yesterday");
  return new Date(ms).toLocaleDateString(language === "zh" ? "zh-CN" : "en-GB", { year: "numeric", month: "long", day: "numeric" });
}
