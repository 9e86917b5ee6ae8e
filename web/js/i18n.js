// Everything the page says, in both languages. A test compares the two lists.
export const texts = {
  en: {
    home: "Home", lists: "Conversations", begin: "New conversation", beginShort: "New", nothing: "No conversations yet", earlierTalks: "Older conversations",
    morning: "Good morning, {name}", day: "Good afternoon, {name}", evening: "Good evening, {name}", night: "Still up, {name}?", whom: "Who would you like to talk to?",
    talkTo: "Talk to {name}", goOn: "Go on", bringSomebody: "Bring somebody in", bringHow: "Drop a character card anywhere (PNG, JSON or CharX), or choose a file.", bringHowTouch: "Choose a character card: a PNG, JSON or CharX file.",
    nobody: "Nobody lives here yet", about: "About {name}", by: "by {who}", version: "version {v}", tags: "Tags", greetingsCount: "{n} {n:way|ways} to begin", trainedOn: "Its way of talking is trained into {model}.", trainedOff: "Trained for {model}, not in use: {why}.",
    trained: "Training", blindOpen: "Is it better? Compare blind", blindTitle: "{name}: two replies, blind", blindWhat: "You read two replies to the same words: one of {name} with what was trained, one of the same model that only reads who it is. Which is which you learn at the end.", blindLanguage: "Language", blindCount: "Pairs", blindBegin: "Begin", blindNone: "The training of this character is not in use: {why}.", blindRounds: "All rounds",
    blindScore: "trained {trained} · prompt {prompted} · the same {same}", blindDone: "{n} of {all} answered", blindBroken: "This stopped: {why}", blindDelete: "Delete this round", blindDeleteText: "Pairs, choices and notes of this round are deleted for good.", blindOf: "{n} of {all}", blindMaking: "Pair {n} is being made. Conversations go first, so it may take a while; you can close this and come back.", blindBack: "Back", blindOn: "Next",
    blindPerson: "Somebody", blindContext: "What was said before", blindAsk: "Which reply would you rather get from {name}?", blindLeft: "First reply", blindRight: "Second reply", blindSame: "The same", blindLeftBetter: "The first", blindRightBetter: "The second", blindSameBetter: "No difference", blindNote: "A note (if you like)", blindLast: "This is the last one: then you learn which was which, and no choice can be changed any more.",
    blindResult: "What you chose", blindTrained: "Trained", blindPrompted: "Only the prompt", blindChosen: "chosen", blindP: "Two-sided sign test: p = {p} %",
    write: "Write to {name}…", send: "Send", stop: "Stop", retry: "Try again", goOnReply: "Go on", copy: "Copy", copied: "Copied", notCopied: "The browser does not let the page copy.",
    speaking: "You speak as {name}", speakAs: "Who speaks", somebodyElse: "Somebody else…", nameOf: "Name", latest: "Latest words", today: "Today", yesterday: "Yesterday",
    offline: "The connection is gone. It comes back by itself; what you write is kept.", waitingToSend: "waits to be sent",
    stopped: "stopped", failed: "This did not work: {why}", length: "cut off at its longest", loading: "{model} is being loaded…", edited: "edited",
    restarting: "The model's process ended and is being started again. The reply goes on.", engineFailed: "The model does not run: {why}",
    edit: "Edit", save: "Save", saveAgain: "Save and answer anew", saveFork: "Ask it in a fork", saveForkHint: "A new conversation from here, with these words and another answer. This one stays as it is.", cancel: "Cancel", editHint: "Ctrl+Enter saves, Esc cancels",
    changedElsewhere: "Meanwhile this was changed to:", yours: "Yours:", keepTheirs: "Keep that one", keepMine: "Use mine", regenerate: "Answer anew", previousWay: "Previous alternative",
    nextWay: "Next alternative", ways: "{n} of {all}", more: "More", forkHere: "Fork from here", takeBack: "Take back from here…", forked: "A fork of {title}", forkedToast: "This is the fork. The original is untouched.",
    takeBackTitle: "Take back from here?", takeBackText: "{n} {n:message|messages} {n:is|are} removed for good, from this one to the end.", takeBackOne: "This message is removed for good.", takeBackNotes: "What was noted from them goes, too: {n}.", takeBackDo: "Take back", letAnswer: "Let {name} answer", messageTools: "For this message",
    threeWays: "Three ways to say it", waysTitle: "{name}, in other words", waysComing: "They come at the same time.", waysChoose: "Take one; the others stay as alternatives.", wayOf: "Way {n}", takeThis: "Take this one", keepOld: "Keep the one above", saidNothing: "Nothing was said.",
    timelines: "Timelines", timelinesHere: "Timelines from here…", timelinesText: "Every branch goes on by itself, and {name} remembers only the one you are in. Choose one to go there.", oneTimeline: "There is one timeline so far. Live another branch from any message: both go on by themselves.", allTimelines: "All timelines",
    branchFrom: "Live another branch from here: {words}", hereNow: "you are here", branchShort: "Another branch", compareShort: "Compare", compareWith: "Compare with where you are: {title}", placesOf: "Where others left: {title}", nothingOwn: "Nothing of its own yet.", sameUntil: "The same in both up to here:", goThere: "Go there", messageCount: "{n} {n:message|messages}", oneMessage: "1 message", moreBranches: "There are more branches than fit here.",
    search: "Search what was said", searchShort: "Search…", clear: "Clear", noHits: "Nothing found for “{q}”", hits: "{n} found", moreHits: "There is more; write more words to narrow it.", inTitle: "title",
    all: "All", onlyWith: "Only with {name}", rename: "Rename", title: "Title", exportMarkdown: "Export as Markdown, to read", exportJsonl: "Export as JSONL, everything", exportSillytavern: "Export for SillyTavern",
    importTalk: "Import a conversation…", importWhose: "Whose conversation is this?", imported: "Imported: {n} {n:message|messages}", remove: "Delete…", removeFor: "“{title}” will be deleted for good.", undo: "Undo", now: "Delete now",
    notesTitle: "Delete the notes, too?", notesText: "{name} noted {n} in this conversation. If the notes stay, {name} goes on keeping to them, but nothing tells any more where they come from.", oneThing: "one thing", things: "{n} {n:thing|things}", notesKeep: "Keep notes", notesDelete: "Delete all",
    exportJson: "Export card as JSON", exportPng: "Export card as PNG", exportCharx: "Export card as CharX", removeCharacter: "Remove {name}…", removeTitle: "Remove {name}?", removeText: "{name} leaves this home for good, card and picture. The conversations stay.",
    addCard: "Add a character…", adding: "{file} is coming in…", movedIn: "{name} is here now.", existsTitle: "{name} is here already", existsText: "A character of that name lives here. Should the one in the file take its place?", replace: "Replace", keep: "Keep the one here",
    dropTitle: "Drop it here", dropText: "A character card (PNG, JSON, CharX), a conversation (JSONL) or a document (text, PDF, Markdown, web page, EPUB)", notACard: "{file} is no character card, no conversation and no document that can be read.",
    panel: "Inside {name}'s head", panelPlain: "Inside the head", model: "Model", state: "State", backend: "Computes on", threads: "Threads", jail: "Jailed", details: "The engine in detail",
    yes: "yes", no: "no", network: "may use the network", speed: "tokens a second", first: "to the first word", context: "Context", contextUsed: "{used} of {size} tokens in mind",
    prompt: "Read", made: "tokens said", tokens: "{n} {n:token|tokens}", restarts: "Restarts", noReply: "The figures come with the first reply.", dropped: "Too long ago to be read: {n}", recently: "Speed of the last replies",
    kept: "Kept of the first {n} turns", forgetKept: "Delete", keptGone: "Deleted; it is made anew from what was said.",
    noted: "What {name} noted", noNotes: "Nothing yet. What matters in a conversation is noted here, and you can change it.", noteOf: "from", noteOn: "in use", noteOff: "put aside", addNote: "Note something…", add: "Add", gone: "Deleted.",
    memory: "Memory", memOpen: "What is remembered…", memFind: "Search", memMind: "Comes to mind", memWhose: "Whose memory", memFindWhat: "Words that were said", memMindWhat: "Say something, as {name}", memSearch: "Search", memAsk: "Ask", memTurns: "{n} {n:thing|things} remembered", memWaits: "{n} still being made ready", memReading: "{n} characters are still reading theirs and answer without",
    memKnowledge: "about the world", memPersonal: "personal", memSecret: "secret", memUnread: "secret, not looked at yet", memHeard: "Heard by {who}", memBefore: "To: “{words}”", memWhy: "What spoke for it", memComes: "This would come to {name}'s mind:", memNothing: "Nothing would come to {name}'s mind.", memFar: "Too far from it to be told", memWordsOnly: "By words only: no model said what it means.", memNobody: "Nobody called {name} has talked here.",
    memTold: "{name} remembered this", memToldWhat: "It was told to the model with your message.", memToldGone: "What it was is gone by now.", memChanged: "It was changed since.", memMark: "Remembered for this: {n}",
    chatsTitle: "Chats of other programs", chatsHint: "Exports of WhatsApp, Telegram, WeChat, QQ, Discord, Messenger, Slack, SillyTavern, mails: drop one here.", chatsChoose: "Bring in chats…", chatsWhose: "Who shall remember them?", chatsFound: "{n} {n:message|messages} of {chats} {chats:chat|chats}, {from} to {to}", chatsBecome: "{name} will remember them as of their times: {n} {n:conversation|conversations}.", chatsMe: "Which of these is {name}?", chatsNone: "none of them", chatsBring: "Bring them in", chatsTrouble: "Not all was read: {why}",
    chatsDone: "{done} of {all} messages", chatsUnfinished: "not all came: bring the same file in again, and it goes on", chatsCame: "The chats have come in.", chatsUndo: "Undo…", chatsUndoTitle: "Undo this import?", chatsUndoText: "The {n} conversations that it brought will be deleted for good.", chatsUndoYes: "Delete them",
    whyWords: "its words", whyWords3: "words beside it", whyWords5: "words around it", whySessionWords: "words of that talk", whyCovered: "has most of the words", whyMeaning: "its meaning", whyMeaning3: "meaning beside it", whyMeaning5: "meaning around it", whySessionMeaning: "meaning of that talk", whySpeaker: "said by the one asked about", whyAsks: "is a question", whyAnswers: "answers a question", whyLength: "its length", whyOpening: "its place in that talk", whyTimed: "names a time", whyDate: "is of the time asked about",
    memRefused: "Near, but not told", memRefusedShow: "What was not told, and why…", memRefusedNone: "Nothing else was near.", memToldNone: "Nothing was remembered for this.", memWhyTurn: "What came to mind…",
    pin: "Keep in mind", unpin: "Kept in mind; click to let it go", forgetMenu: "Forget this for good…", forgetTitle: "Forget for good", forgetWhat: "All of this goes, with everything that was made of it. It cannot be brought back.", forgetDo: "Forget for good", forgetCopy: "a copy in a branch", forgetRepeats: "says it again", forgetNothing: "It is forgotten already.", forgotten: "Forgotten for good",
    forgottenTurn: "Forgotten for good", forgotWith: "Forgotten for good with this: {n}", forgotUnclear: "It was not clear which. Nothing was forgotten.", forgotChoose: "Choose…",
    rules: "Rules", rulesWhat: "Without a rule, personal things are told to those who heard them and whom their owner allows; secrets to those who heard them only.", rulesNone: "There are no rules.", ruleOf: "What this person tells", ruleTo: "goes to", ruleNobody: "nobody else", ruleCharacter: "by", ruleByAll: "every character", ruleBy: "{who}", ruleAdd: "Make the rule", ruleDelete: "Delete this rule", ruleForbids: "What {person} tells goes to nobody else ({by})", ruleAllows: "Personal things of {person} may be told to {other} ({by})",
    memNow: "Now", nowNothing: "nothing is known", nowMood: "Mood", nowIntent: "Wants", nowTopic: "Talks about", nowCloseness: "Closeness", nowTrust: "Trust", nowPromise: "Promise", nowPlan: "Plan of both", nowQuestion: "Question", nowBetween: "Between them", nowStrength: "How strong", nowValue: "What is right", nowState: "How it stands", nowSure: "sure: {n}", nowDue: "due {when}", nowByHand: "set by hand", nowCounted: "counted", nowCorrect: "Set it", nowDelete: "Delete it", nowDeleteWhat: "“{text}” does not count any more. What was said stays.", nowFrom: "The words that show it",
    moodCalm: "calm", moodGlad: "glad", moodExcited: "excited", moodSad: "sad", moodWorried: "worried", moodAngry: "angry", moodHurt: "hurt", moodTired: "tired", moodLonely: "lonely", moodBored: "bored", moodAshamed: "ashamed", moodAnnoyed: "annoyed", wantChat: "to talk", wantAsk: "to know something", wantComfort: "to be comforted", wantAdvice: "advice", wantTask: "to have something done", wantTease: "to joke", wantComplain: "to complain", wantLeave: "to leave", ownComfort: "to comfort", ownAdvice: "to advise", ownDistance: "to be left alone for a while", stateOpen: "open", stateKept: "kept", stateBroken: "broken", stateDropped: "called off", stateAnswered: "answered",
    topics: "Topics", topicsNothing: "{who} and {name} have not talked about anything yet that was noted. That is done when a conversation has rested for six hours.", topicCorrect: "Correct it", topicText: "What is right", topicDelete: "Delete this sentence", topicDeleteWhat: "“{text}” is not noted again. What was said stays.", topicOn: "{when}", topicBefore: "{from}, until {until}", topicFrom: "Its messages: {n}",
    documents: "Documents", docShort: "Files", docHint: "Text, PDF, Markdown, web pages, EPUB: drop one here. It is quoted with its place.", docChoose: "Give a document…", docGive: "Give a document", docGiveText: "{name} will read “{file}”.", docItsTitle: "Title (its own, else the file's name)", docTitle: "Title", docEveryone: "May tell anybody of it", docElse: "Else only {name} is told of it.", docGiveYes: "Give it", docGiven: "{name} has “{title}” now.", docPdf: "What reads PDFs is not on this machine: tools/setup gets it. Or make text of the PDF, which keeps its pages: pdftotext -layout FILE.pdf FILE.txt", docScan: "There is no text in this PDF, only pictures of its pages. A program that reads pictures (OCR) puts text into it: ocrmypdf FILE.pdf NEW.pdf", docLocked: "This PDF needs a password. Save it without one, and give that.",
    docSection: "section {n}", docQuoted: "“{title}”", docTitled: "“{title}”", docPage: "page {n}", docComma: ", ", docPassages: "{n} {n:passage|passages}", docPages: "{n} {n:page|pages}", docForAll: "for everyone", docFor: "for {who}", docOutline: "Outline", docNoOutline: "It has no headings.", docMeanings: "What it means is being made ready", docNone: "{name} was given nothing to read yet.", docRemove: "Delete this document", docRemoveText: "“{title}” and all that was made of it will be gone for good.",
    docAskWhat: "A question about them", docFound: "From the documents, this would be told:", docNothing: "Nothing in the documents is about it.", docFar: "Too far from it to be told", docWhose: "Who shall read it?", docTold: "From documents",
    known: "Known", knownOf: "Of whom", knownNothing: "{who} knows nothing of {name} yet.", knownCorrect: "Correct it", knownValue: "What is right", knownDelete: "Delete this fact", knownDeleteWhat: "“{text}” is forgotten for good. What was said stays.", knownSince: "since {from}", knownUntil: "{from} to {until}", knownByHand: "corrected", knownBefore: "Before",
    abilities: "Abilities", cost: "Cost so far", costToday: "today", costHere: "this conversation", costTotal: "in {n} days", noCost: "Nothing yet.", replies: "{n} {n:reply|replies}", byDay: "Day", byCharacter: "Character", byPerson: "Person", byModel: "Model", limit: "{key}: {used} of {limit} today",
    seconds: "{n} s", minutes: "{n} min", energy: "{n} Wh", costTime: "Time", costTokens: "Tokens", costEnergy: "Energy", costMoney: "Money",
    close: "Close", settings: "Settings", appLanguage: "Language", theme: "Appearance", light: "Light", dark: "Dark", auto: "As the system", textSize: "Size of the words", textSmall: "Small", textNormal: "Normal", textLarge: "Large", textHuge: "Huge",
    sendWith: "Send with", enterKey: "Enter", ctrlEnter: "Ctrl+Enter", localOnly: "Kept in this browser only.", shortcuts: "Keyboard", keysWhere: "When you are not writing",
    kSearch: "search", kNew: "new conversation", kHome: "home", kPanel: "inside the head", kSettings: "settings", kHelp: "this sheet", kTurns: "from message to message", kWays: "alternatives of the reply", kEdit: "edit the message, or your last one", kLast: "your last message, when nothing is written", kAgain: "answer anew", kThree: "three ways to say it", kTake: "take one of them", kTimelines: "timelines", kCopy: "copy the message", kWrite: "back to writing", kStop: "stop the reply, close what is open",
    login: "This anima asks for its password", password: "Password", enter: "Enter", wrong: "That is not it.", notHere: "anima cannot be reached", notHereText: "Is it still running? The page tries again by itself.",
    ready: "ready", starting: "starting", loadingState: "loading", restartingState: "restarting", failedState: "failed", stoppedState: "not loaded", reading: "reading", speakingState: "speaking",
    thinking: "reads what you wrote…", error: "Something went wrong: {why}", untitled: "A new conversation", characterGone: "{name} is no longer here. The conversation can still be read and exported.", isGone: "This conversation is no longer here.", earlier: "Earlier words are coming…", conversationMenu: "This conversation", messages: "Messages",
  },
  zh: {
    home: "首页", lists: "对话", begin: "新对话", beginShort: "新对话", nothing: "还没有对话", earlierTalks: "更早的对话",
    morning: "早上好，{name}", day: "下午好，{name}", evening: "晚上好，{name}", night: "还没睡，{name}？", whom: "想和谁聊聊？",
    talkTo: "和{name}聊聊", goOn: "继续聊", bringSomebody: "请一位新角色进来", bringHow: "把角色卡（PNG、JSON 或 CharX）拖到页面任何地方，或者选择文件。", bringHowTouch: "选择一张角色卡：PNG、JSON 或 CharX 文件。",
    nobody: "这里还没有人", about: "关于{name}", by: "作者：{who}", version: "版本 {v}", tags: "标签", greetingsCount: "{n} 种开场白", trainedOn: "说话的方式已经练进了 {model}。", trainedOff: "为 {model} 训练过，现在没有用：{why}。",
    trained: "训练", blindOpen: "更像了吗？盲比一下", blindTitle: "{name}：两个回复，不知道谁是谁", blindWhat: "你会看到对同一段话的两个回复：一个来自训练过的{name}，一个来自同一个模型，只是先读了角色的设定。哪个是哪个，最后才揭晓。", blindLanguage: "语言", blindCount: "组数", blindBegin: "开始", blindNone: "这个角色的训练现在没有用上：{why}。", blindRounds: "所有轮次",
    blindScore: "训练过的 {trained} · 只读设定的 {prompted} · 一样 {same}", blindDone: "已答 {n} / {all}", blindBroken: "中途停下了：{why}", blindDelete: "删除这一轮", blindDeleteText: "这一轮的回复、选择和备注会永久删除。", blindOf: "第 {n} 组，共 {all} 组", blindMaking: "第 {n} 组正在生成。聊天优先，可能要等一会儿；可以先关掉，过后再来。", blindBack: "上一组", blindOn: "下一组",
    blindPerson: "对方", blindContext: "前面说过的话", blindAsk: "你更希望{name}回哪一句？", blindLeft: "第一句", blindRight: "第二句", blindSame: "一样", blindLeftBetter: "选第一句", blindRightBetter: "选第二句", blindSameBetter: "差不多", blindNote: "备注（可不写）", blindLast: "这是最后一组：选完就揭晓，之后不能再改。",
    blindResult: "你的选择", blindTrained: "训练过的", blindPrompted: "只读设定的", blindChosen: "选中", blindP: "双侧符号检验：p = {p} %",
    write: "写给{name}……", send: "发送", stop: "停止", retry: "再试一次", goOnReply: "接着说", copy: "复制", copied: "已复制", notCopied: "浏览器不允许页面复制。",
    speaking: "你的身份：{name}", speakAs: "谁在说话", somebodyElse: "换个人……", nameOf: "名字", latest: "最新的话", today: "今天", yesterday: "昨天",
    offline: "连接断开了，会自动恢复；你写的内容不会丢。", waitingToSend: "等待发送",
    stopped: "已停止", failed: "没有成功：{why}", length: "到了最长的长度", loading: "正在加载 {model}……", edited: "改过",
    restarting: "模型进程中断，正在重新启动，回复会继续。", engineFailed: "模型无法运行：{why}",
    edit: "修改", save: "保存", saveAgain: "保存并重新回答", saveFork: "另开一段来问", saveForkHint: "从这里分出新对话，用这句话得到另一个回答；这段对话不变。", cancel: "取消", editHint: "Ctrl+Enter 保存，Esc 取消",
    changedElsewhere: "这句话刚刚被改成了：", yours: "你写的：", keepTheirs: "保留那一句", keepMine: "用我写的", regenerate: "重新回答", previousWay: "上一个版本",
    nextWay: "下一个版本", ways: "第 {n} 个，共 {all} 个", more: "更多", forkHere: "从这里分出新对话", takeBack: "从这里收回……", forked: "从《{title}》分出来的", forkedToast: "这是分出来的新对话，原来的没有变。",
    takeBackTitle: "从这里开始收回？", takeBackText: "从这一条到最后，共 {n} 条消息会永久删除。", takeBackOne: "这条消息会永久删除。", takeBackNotes: "从中记下的 {n} 件事也会一起删除。", takeBackDo: "收回", letAnswer: "让{name}回答", messageTools: "这条消息的操作",
    threeWays: "换三种说法", waysTitle: "{name}的另外几种说法", waysComing: "正在同时说。", waysChoose: "选一种；其他的会作为别的版本留着。", wayOf: "第 {n} 种", takeThis: "就用这个", keepOld: "保留上面那句", saidNothing: "什么也没说。",
    timelines: "时间线", timelinesHere: "从这里看时间线……", timelinesText: "每条线各走各的，{name}只记得你所在的这一条。点一条就过去。", oneTimeline: "目前只有一条时间线。从任何一条消息都可以另走一条，两条互不影响。", allTimelines: "所有时间线",
    branchFrom: "从这里另走一条：{words}", hereNow: "你在这里", branchShort: "另走一条", compareShort: "比较", compareWith: "和现在这条比较：{title}", placesOf: "从《{title}》分出去的地方", nothingOwn: "还没有自己的话。", sameUntil: "到这里为止两条都一样：", goThere: "去那里", messageCount: "{n} 条消息", oneMessage: "1 条消息", moreBranches: "分支太多，这里放不下全部。",
    search: "搜索说过的话", searchShort: "搜索……", clear: "清除", noHits: "没有找到“{q}”", hits: "找到 {n} 处", moreHits: "还有更多，多写几个字可以缩小范围。", inTitle: "标题",
    all: "全部", onlyWith: "只看和{name}的", rename: "改名", title: "标题", exportMarkdown: "导出为 Markdown，方便阅读", exportJsonl: "导出为 JSONL，包含一切", exportSillytavern: "导出给 SillyTavern",
    importTalk: "导入对话……", importWhose: "这是和谁的对话？", imported: "已导入 {n} 条消息", remove: "删除……", removeFor: "《{title}》将被永久删除。", undo: "撤销", now: "立即删除",
    notesTitle: "记下的事也删除吗？", notesText: "{name}在这段对话里记下了{n}。如果保留，{name}会继续照做，但不再写明出处。", oneThing: "一件事", things: " {n} 件事", notesKeep: "保留记下的事", notesDelete: "全部删除",
    exportJson: "导出角色卡（JSON）", exportPng: "导出角色卡（PNG）", exportCharx: "导出角色卡（CharX）", removeCharacter: "移除{name}……", removeTitle: "移除{name}？", removeText: "{name}的角色卡和图片会永久离开这里，对话会保留。",
    addCard: "添加角色……", adding: "{file} 正在进来……", movedIn: "{name}来了。", existsTitle: "{name}已经在这里了", existsText: "这里已经有一位同名的角色。要用文件里的替换吗？", replace: "替换", keep: "保留现在的",
    dropTitle: "放在这里", dropText: "角色卡（PNG、JSON、CharX）、对话（JSONL）或文件（文本、PDF、Markdown、网页、EPUB）", notACard: "{file} 不是角色卡，不是对话，也不是能读的文件。",
    panel: "{name}在想什么", panelPlain: "在想什么", model: "模型", state: "状态", backend: "运行在", threads: "线程", jail: "沙箱", details: "引擎的细节",
    yes: "是", no: "否", network: "可以使用网络", speed: "词元/秒", first: "首字等待", context: "上下文", contextUsed: "记着 {used} / {size} 个词元",
    prompt: "读入", made: "说出的词元", tokens: "{n} 个词元", restarts: "重启次数", noReply: "第一次回复之后这里会有数字。", dropped: "太早、读不到的：{n} 条", recently: "最近回复的速度",
    kept: "前 {n} 条里留下的", forgetKept: "删除", keptGone: "删掉了，会照聊过的话重新整理。",
    noted: "{name}记下的事", noNotes: "还没有。聊天里要紧的事会记在这里，你可以修改。", noteOf: "出自", noteOn: "使用中", noteOff: "已搁置", addNote: "记一件事……", add: "添加", gone: "已删除。",
    memory: "记忆", memOpen: "记得些什么……", memFind: "搜索", memMind: "会想起什么", memWhose: "谁的记忆", memFindWhat: "说过的字词", memMindWhat: "以{name}的身份说句话", memSearch: "搜索", memAsk: "问问看", memTurns: "记着 {n} 句话", memWaits: "还有 {n} 句在整理", memReading: "{n} 个角色的记忆还在读取，暂时想不起来",
    memKnowledge: "世界上的事", memPersonal: "私事", memSecret: "秘密", memUnread: "还没看过，先当秘密", memHeard: "在场的：{who}", memBefore: "回答的是：“{words}”", memWhy: "为什么是它", memComes: "{name}会想起这些：", memNothing: "{name}什么也不会想起。", memFar: "隔得太远，不会说", memWordsOnly: "只按字词找的：没有模型来判断意思。", memNobody: "还没有叫{name}的人在这里说过话。",
    memTold: "{name}想起了这些", memToldWhat: "这些是和你的话一起交给模型的。", memToldGone: "当时想起的已经不在了。", memChanged: "后来改过。", memMark: "为这句话想起了 {n} 件事",
    chatsTitle: "别处的聊天记录", chatsHint: "WhatsApp、Telegram、微信、QQ、Discord、Messenger、Slack、SillyTavern、邮件的导出文件：放到这里就行。", chatsChoose: "导入聊天记录……", chatsWhose: "让谁来记住？", chatsFound: "{chats} 个聊天，共 {n} 条消息，{from} 至 {to}", chatsBecome: "{name}会按原来的时间记住它们：{n} 段对话。", chatsMe: "其中哪一位是{name}？", chatsNone: "都不是", chatsBring: "导入", chatsTrouble: "没有全部读到：{why}",
    chatsDone: "{all} 条消息里的 {done} 条", chatsUnfinished: "没有导完：再导入同一个文件就会接着来", chatsCame: "聊天记录导入好了。", chatsUndo: "撤销……", chatsUndoTitle: "撤销这次导入？", chatsUndoText: "它带来的 {n} 段对话将被永久删除。", chatsUndoYes: "删除",
    whyWords: "字词相符", whyWords3: "旁边的话相符", whyWords5: "前后的话相符", whySessionWords: "那次聊天的话相符", whyCovered: "问到的字词大多都有", whyMeaning: "意思相近", whyMeaning3: "旁边的意思相近", whyMeaning5: "前后的意思相近", whySessionMeaning: "那次聊天的意思相近", whySpeaker: "是问到的那个人说的", whyAsks: "是一句问话", whyAnswers: "回答了一个问题", whyLength: "长短合适", whyOpening: "在那次聊天里的位置", whyTimed: "提到了时间", whyDate: "正是问到的那段时间",
    memRefused: "离得近，但没有说", memRefusedShow: "没有说的，和为什么……", memRefusedNone: "别的都离得远。", memToldNone: "这句话什么也没有想起。", memWhyTurn: "想起了什么……",
    pin: "一直记着", unpin: "一直记着；点一下就不再钉住", forgetMenu: "永远忘掉这句……", forgetTitle: "永远忘掉", forgetWhat: "下面这些都会删掉，由它们得来的也一起删掉，找不回来。", forgetDo: "永远忘掉", forgetCopy: "分支里的副本", forgetRepeats: "又说了一遍", forgetNothing: "已经忘掉了。", forgotten: "已经永远忘掉",
    forgottenTurn: "已经永远忘掉", forgotWith: "随这句话永远忘掉了 {n} 条", forgotUnclear: "不清楚是哪一件，什么也没有忘掉。", forgotChoose: "自己选……",
    rules: "规则", rulesWhat: "没有规则时，私事只说给听到过的人和当事人允许的人；秘密只有听到过的人能知道。", rulesNone: "还没有规则。", ruleOf: "这个人说的", ruleTo: "可以告诉", ruleNobody: "谁也不说", ruleCharacter: "哪个角色", ruleByAll: "所有角色", ruleBy: "{who}", ruleAdd: "定下规则", ruleDelete: "删掉这条规则", ruleForbids: "{person}说的，不告诉别的任何人（{by}）", ruleAllows: "{person}的私事可以告诉{other}（{by}）",
    memNow: "此刻", nowNothing: "还不知道", nowMood: "心情", nowIntent: "想要", nowTopic: "在聊", nowCloseness: "亲近", nowTrust: "信任", nowPromise: "答应的事", nowPlan: "说好的事", nowQuestion: "没等到的回答", nowBetween: "两人之间", nowStrength: "有多强", nowValue: "正确的是", nowState: "现在怎样", nowSure: "把握{n}", nowDue: "该在{when}", nowByHand: "手动设的", nowCounted: "数出来的", nowCorrect: "改一改", nowDelete: "删掉", nowDeleteWhat: "“{text}”以后不算了，说过的话还在。", nowFrom: "从哪句话看出来的",
    moodCalm: "平静", moodGlad: "高兴", moodExcited: "激动", moodSad: "难过", moodWorried: "担心", moodAngry: "生气", moodHurt: "委屈", moodTired: "累", moodLonely: "孤单", moodBored: "无聊", moodAshamed: "不好意思", moodAnnoyed: "烦", wantChat: "聊聊", wantAsk: "问点事", wantComfort: "被安慰", wantAdvice: "听听建议", wantTask: "请人帮忙做事", wantTease: "开玩笑", wantComplain: "吐槽", wantLeave: "先走", ownComfort: "安慰对方", ownAdvice: "给点建议", ownDistance: "先静一静", stateOpen: "还没", stateKept: "做到了", stateBroken: "没做到", stateDropped: "取消了", stateAnswered: "答过了",
    topics: "聊过的事", topicsNothing: "{who}和{name}聊过的，还没有记下什么。一段对话停了六个小时以后才会记。", topicCorrect: "改正", topicText: "正确的是", topicDelete: "删掉这一句", topicDeleteWhat: "“{text}”这一句不会再记，说过的话还在。", topicOn: "{when}", topicBefore: "{from}，到{until}为止", topicFrom: "原话：{n}",
    documents: "文件", docShort: "文件", docHint: "文本、PDF、Markdown、网页、EPUB：放到这里就行。引用时会说出自哪里。", docChoose: "给一份文件……", docGive: "给一份文件", docGiveText: "{name}会读“{file}”。", docItsTitle: "标题（默认用它自己的，或文件名）", docTitle: "标题", docEveryone: "可以跟任何人说起", docElse: "不勾的话，只跟{name}说起。", docGiveYes: "给", docGiven: "{name}拿到了《{title}》。", docPdf: "这台机器上还没有读 PDF 的部件：运行 tools/setup 就有了。也可以先转成文本，页码会保留：pdftotext -layout 文件.pdf 文件.txt", docScan: "这份 PDF 里没有文字，只有页面的图片。先用文字识别（OCR）加上文字：ocrmypdf 文件.pdf 新文件.pdf", docLocked: "这份 PDF 有密码。请另存一份不带密码的再给。",
    docSection: "第{n}节", docQuoted: "“{title}”", docTitled: "《{title}》", docPage: "第{n}页", docComma: "，", docPassages: "{n} 段", docPages: "{n} 页", docForAll: "谁都可以", docFor: "只给{who}", docOutline: "目录", docNoOutline: "没有标题。", docMeanings: "正在整理它的意思", docNone: "还没有给{name}什么文件。", docRemove: "删除这份文件", docRemoveText: "《{title}》和由它整理出来的一切都会永远删除。",
    docAskWhat: "问一个文件里的问题", docFound: "文件里会说到这些：", docNothing: "文件里没有提到。", docFar: "隔得太远，不会说", docWhose: "给谁读？", docTold: "出自文件",
    known: "知道的事", knownOf: "关于谁", knownNothing: "{who}还不知道{name}的什么事。", knownCorrect: "改正", knownValue: "正确的是", knownDelete: "删掉这一条", knownDeleteWhat: "“{text}”这一条会永远忘掉，说过的话还在。", knownSince: "{from}起", knownUntil: "{from}到{until}", knownByHand: "改正过", knownBefore: "以前",
    abilities: "本领", cost: "到现在的花费", costToday: "今天", costHere: "这段对话", costTotal: "{n} 天合计", noCost: "还没有。", replies: "{n} 次回复", byDay: "日期", byCharacter: "角色", byPerson: "人", byModel: "模型", limit: "{key}：今天用了 {used} / {limit}",
    seconds: "{n} 秒", minutes: "{n} 分钟", energy: "{n} Wh", costTime: "用时", costTokens: "词元", costEnergy: "电", costMoney: "钱",
    close: "关闭", settings: "设置", appLanguage: "语言", theme: "明暗", light: "浅色", dark: "深色", auto: "跟随系统", textSize: "字的大小", textSmall: "小", textNormal: "普通", textLarge: "大", textHuge: "特大",
    sendWith: "发送键", enterKey: "Enter", ctrlEnter: "Ctrl+Enter", localOnly: "只保存在这个浏览器里。", shortcuts: "键盘", keysWhere: "不在输入框里的时候",
    kSearch: "搜索", kNew: "新对话", kHome: "首页", kPanel: "在想什么", kSettings: "设置", kHelp: "这张表", kTurns: "在消息之间移动", kWays: "回复的不同版本", kEdit: "修改这条消息，或自己的上一条", kLast: "没写字时：修改自己的上一条", kAgain: "重新回答", kThree: "换三种说法", kTake: "选其中一种", kTimelines: "时间线", kCopy: "复制这条消息", kWrite: "回到输入框", kStop: "停止回复，关闭打开的东西",
    login: "这个 anima 需要密码", password: "密码", enter: "进入", wrong: "密码不对。", notHere: "连不上 anima", notHereText: "它还在运行吗？页面会自动重试。",
    ready: "就绪", starting: "启动中", loadingState: "加载中", restartingState: "重启中", failedState: "失败", stoppedState: "未加载", reading: "正在读", speakingState: "正在说",
    thinking: "正在读你写的话……", error: "出错了：{why}", untitled: "新的对话", characterGone: "{name}已经不在这里了。对话仍然可以读，也可以导出。", isGone: "这段对话已经不在了。", earlier: "正在取更早的话……", conversationMenu: "这段对话", messages: "消息",
  },
};

let language = localStorage.getItem("anima.language") || ((navigator.language || "").startsWith("zh") ? "zh" : "en");

export const current = () => language;

export function change(to) {
  language = to;
  localStorage.setItem("anima.language", to);
}

// {n} is a value; {n:thing|things} is the first word where that value is 1, else the second.
export function t(key, values = {}) {
  return texts[language][key].replace(/\{(\w+)(?::(\w*)\|(\w*))?\}/g, (_, name, one, more) => (one === undefined ? values[name] ?? "" : `${values[name]}` === "1" ? one : more));
}

// Cards bring no line about themselves: then their tags say something.
export const tagline = (who) => who.taglines?.[language] || who.tagline || (who.tags ?? []).slice(0, 6).join(" · ");
export const locale = () => (language === "zh" ? "zh-CN" : "en-GB");

export function timeOf(ms) {
  return new Date(ms).toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit" });
}

export function dayOf(ms) {
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(ms).setHours(0, 0, 0, 0)) / 86400000);
  if (days === 0) return t("today");
  if (days === 1) return t("yesterday");
  const sameYear = new Date(ms).getFullYear() === new Date().getFullYear();
  return new Date(ms).toLocaleDateString(locale(), { ...(sameYear ? {} : { year: "numeric" }), month: "long", day: "numeric" });
}

// Short, for lists: the time today, else the day.
export function whenOf(ms) {
  return new Date(ms).toDateString() === new Date().toDateString() ? timeOf(ms) : dayOf(ms);
}

export const number = (n, digits = 0) => Number(n).toLocaleString(locale(), { maximumFractionDigits: digits });
