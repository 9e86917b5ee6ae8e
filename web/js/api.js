// Calls of anima's own API (docs/api.md).
export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
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

export const api = {
  status: () => call("GET", "/status"),
  characters: () => call("GET", "/characters"),
  people: () => call("GET", "/people"),
  conversations: () => call("GET", "/conversations?limit=200"),
  begin: (character) => call("POST", "/conversations", { character }),
  say: (id, message) => call("POST", `/conversations/${id}/messages`, message),
  cancel: (id) => call("POST", `/conversations/${id}/cancel`, {}),
  retry: (id) => call("POST", `/conversations/${id}/retry`, {}),
  login: (token) => call("POST", "/login", { token }),
};
