// Calls of anima's own API (docs/api.md).
export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
  // The route is not there: an older anima, or a part that was left out. Whoever asks hides what it would have shown.
  get missing() {
    return this.status === 404 || this.status === 405;
  }
}

async function call(method, path, body) {
  let answer;
  try {
    answer = await fetch("/api/v1" + path, {
      method, headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new ApiError(0, "offline", "offline");
  }
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new ApiError(answer.status, data.error?.code ?? "", data.error?.message ?? answer.statusText);
  return data;
}

// A file as the body. XMLHttpRequest, because fetch does not tell how much of it has gone.
function upload(path, file, type, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/v1" + path);
    request.setRequestHeader("Content-Type", type);
    request.responseType = "json";
    request.upload.onprogress = (e) => e.lengthComputable && onProgress?.(e.loaded / e.total);
    request.onload = () => {
      const data = request.response ?? {};
      if (request.status >= 200 && request.status < 300) resolve(data);
      else reject(new ApiError(request.status, data.error?.code ?? "", data.error?.message ?? request.statusText));
    };
    request.onerror = () => reject(new ApiError(0, "offline", "offline"));
    request.send(file);
  });
}

const query = (values) => new URLSearchParams(Object.entries(values).filter(([, v]) => v !== undefined && v !== "" && v !== null)).toString();
const CARD_TYPES = { json: "application/json", png: "image/png", charx: "application/zip" };
const talk = (id, more = "") => `/conversations/${encodeURIComponent(id)}${more}`;
const of = (id, more = "") => `/characters/${encodeURIComponent(id)}${more}`;

export const api = {
  status: () => call("GET", "/status"),
  login: (token) => call("POST", "/login", { token }),
  people: () => call("GET", "/people"),

  characters: () => call("GET", "/characters"),
  addCharacter: (file, replace, onProgress) => upload(`/characters${replace ? "?replace=1" : ""}`, file,
    CARD_TYPES[file.name.split(".").pop().toLowerCase()] ?? "application/octet-stream", onProgress),
  removeCharacter: (id) => call("DELETE", of(id)),
  cardUrl: (id, format) => "/api/v1" + of(id, `/card?format=${format}`),

  listed: 200, // conversations at once
  conversations: (more = {}) => call("GET", `/conversations?${query({ limit: api.listed, ...more })}`),
  begin: (character, greeting) => call("POST", "/conversations", greeting === undefined ? { character } : { character, greeting }),
  conversation: (id, more) => call("GET", talk(id, `?${query(more)}`)),
  rename: (id, title) => call("PATCH", talk(id), { title }),
  remove: (id, keepNotes) => call("DELETE", talk(id, keepNotes ? "?keep_notes=1" : "")),
  // Called while the page goes away: the browser finishes it.
  removeAtLast: (id, keepNotes) => fetch("/api/v1" + talk(id, keepNotes ? "?keep_notes=1" : ""), { method: "DELETE", keepalive: true }),
  fork: (id, seq) => call("POST", talk(id, "/fork"), { seq }),
  tree: (id) => call("GET", talk(id, "/tree")),
  search: (q) => call("GET", `/search?${query({ q, limit: 50 })}`),
  exportUrl: (id, format) => "/api/v1" + talk(id, `/export?format=${format}`),
  importConversation: (file, character, onProgress) => upload(`/conversations/import?${query({ character })}`, file, "application/octet-stream", onProgress),

  say: (id, message) => call("POST", talk(id, "/messages"), message),
  typing: (id, message) => call("POST", talk(id, "/typing"), message),
  summary: (id) => call("GET", talk(id, "/summary")),
  forgetSummary: (id) => call("DELETE", talk(id, "/summary")),
  cancel: (id) => call("POST", talk(id, "/cancel"), {}),
  retry: (id) => call("POST", talk(id, "/retry"), {}),
  edit: (id, seq, text, revision) => call("PATCH", talk(id, `/turns/${seq}`), { text, revision }),
  chooseVariant: (id, seq, variant, revision) => call("POST", talk(id, `/turns/${seq}/variant`), { variant, revision }),
  regenerate: (id, seq, revision) => call("POST", talk(id, `/turns/${seq}/regenerate`), { revision }),
  candidates: (id, seq, revision) => call("POST", talk(id, `/turns/${seq}/candidates`), { n: 3, revision }),
  takeBack: (id, seq) => call("DELETE", talk(id, `/turns/${seq}`)),

  blinds: (id) => call("GET", of(id, "/blind")),
  beginBlind: (id, wishes) => call("POST", of(id, "/blind"), wishes),
  blind: (id) => call("GET", `/blind/${encodeURIComponent(id)}`),
  chooseBlind: (id, n, choice) => call("PUT", `/blind/${encodeURIComponent(id)}/pairs/${n}`, choice),
  removeBlind: (id) => call("DELETE", `/blind/${encodeURIComponent(id)}`),

  memory: (q, character) => call("GET", `/memory?${query({ q, character, limit: 50 })}`),
  recall: (id, q, person) => call("GET", of(id, `/recall?${query({ q, person })}`)),
  told: (id, seq) => call("GET", talk(id, `/turns/${seq}/memory`)),
  refused: (id, seq) => call("GET", talk(id, `/turns/${seq}/memory/refused`)),
  forget: (turns, look) => call("POST", "/memory/forget", { turns, look }),
  pin: (id, seq, pinned) => call(pinned ? "PUT" : "DELETE", talk(id, `/turns/${seq}/pin`), pinned ? {} : undefined),
  rules: () => call("GET", "/memory/rules"),
  addRule: (rule) => call("POST", "/memory/rules", rule),
  removeRule: (id) => call("DELETE", `/memory/rules/${id}`),
  known: (id, person, language) => call("GET", of(id, `/known?${query({ person, language })}`)),
  topics: (id, person) => call("GET", of(id, `/topics?${query({ person })}`)),
  changeTopic: (id, text) => call("PATCH", `/topics/${encodeURIComponent(id)}`, { text }),
  removeTopic: (id) => call("DELETE", `/topics/${encodeURIComponent(id)}`),
  now: (id, person) => call("GET", of(id, `/working?${query({ person })}`)),
  setNow: (id, part) => call("PUT", of(id, "/working"), part),
  unsetNow: (id, person, part) => call("DELETE", of(id, `/working?${query({ person, part })}`)),
  changeOpen: (id, change) => call("PATCH", `/working/${encodeURIComponent(id)}`, change),
  removeOpen: (id) => call("DELETE", `/working/${encodeURIComponent(id)}`),
  changeKnown: (id, value) => call("PATCH", `/known/${encodeURIComponent(id)}`, { value }),
  removeKnown: (id) => call("DELETE", `/known/${encodeURIComponent(id)}`),
  memoryStatus: () => call("GET", "/memory/status"),
  // more: {me, giver, look: 1}: docs/api.md
  chats: (file, character, more, onProgress) => upload(`/memory/import?${query({ character, name: file.name, ...more })}`, file, "application/octet-stream", onProgress),
  imports: () => call("GET", "/memory/imports"),
  undoImport: (id) => call("DELETE", `/memory/imports/${encodeURIComponent(id)}`),

  documents: (id) => call("GET", of(id, "/documents")),
  // more: {title, giver, for}: docs/api.md
  giveDocument: (file, id, more, onProgress) => upload(of(id, `/documents?${query({ name: file.name, ...more })}`), file, "application/octet-stream", onProgress),
  document: (id) => call("GET", `/documents/${encodeURIComponent(id)}`),
  removeDocument: (id) => call("DELETE", `/documents/${encodeURIComponent(id)}`),
  passages: (id, q, person) => call("GET", of(id, `/passages?${query({ q, person })}`)),

  cost: (days, by) => call("GET", `/cost?${query({ days, by })}`),
  abilities: () => call("GET", "/abilities"),
  notes: (id) => call("GET", of(id, "/notes")),
  addNote: (id, text, person) => call("POST", of(id, "/notes"), person ? { text, person } : { text }),
  changeNote: (id, change) => call("PATCH", `/notes/${encodeURIComponent(id)}`, change),
  // Of a page that is being closed.
  removeNoteAtLast: (id) => fetch(`/api/v1/notes/${encodeURIComponent(id)}`, { method: "DELETE", keepalive: true }),
  removeNote: (id) => call("DELETE", `/notes/${encodeURIComponent(id)}`),
};
