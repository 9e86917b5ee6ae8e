// The event stream: one WebSocket that comes back by itself. After each (re)connect it subscribes again; the server then
// sends "sync" with everything that happened meanwhile, so nothing is lost and nothing doubled.
export class Events {
  // `after` tells the last turn before those the page shows, so that a sync replaces exactly these.
  constructor(onEvent, onState, onListening, after) {
    this.onEvent = onEvent;
    this.after = after;
    this.onState = onState;
    this.onListening = onListening;
    this.conversation = null;
    this.pause = 300;
    this.connect();
    addEventListener("online", () => this.connect());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.connect());
  }

  connect() {
    if (this.socket && this.socket.readyState <= WebSocket.OPEN) return;
    clearTimeout(this.timer);
    const socket = new WebSocket(location.origin.replace(/^http/, "ws") + "/api/v1/ws");
    this.socket = socket;
    socket.onopen = () => {
      this.pause = 300;
      this.send({ type: "subscribe" });
      if (this.conversation) this.send({ type: "subscribe", conversation: this.conversation, after: this.after() });
      this.send({ type: "ping" }); // answered behind the subscriptions
      this.heard = Date.now();
      this.onState(true);
    };
    let listening = false;
    socket.onmessage = (message) => {
      this.heard = Date.now();
      const event = JSON.parse(message.data);
      this.onEvent(event);
      if (event.type !== "pong" || listening) return;
      listening = true;
      this.onListening();
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.onState(false);
      this.timer = setTimeout(() => this.connect(), this.pause);
      this.pause = Math.min(this.pause * 1.7, 8000);
    };
    clearInterval(this.beat);
    // A connection can die without a word: ask now and then, and give up on silence.
    this.beat = setInterval(() => {
      if (socket.readyState !== WebSocket.OPEN) return;
      if (Date.now() - this.heard > 35000) socket.close();
      else this.send({ type: "ping" });
    }, 10000);
  }

  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  watch(conversation) {
    if (this.conversation) this.send({ type: "unsubscribe", conversation: this.conversation });
    this.conversation = conversation;
    if (conversation) this.send({ type: "subscribe", conversation, after: this.after() });
  }
}
