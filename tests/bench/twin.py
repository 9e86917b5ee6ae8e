"""The named alternative of `anima bench server`: the same routes with FastAPI and uvicorn, as one would write them.

Usage: twin.py DATABASE SCRIPT. Stores messages and replies in SQLite (WAL, synchronous=FULL), streams the reply of the
script word by word as server-sent events.
"""
import asyncio
import json
import re
import secrets
import socket
import sqlite3
import sys
import time

import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

database = sqlite3.connect(sys.argv[1], check_same_thread=False, isolation_level=None)
database.executescript(
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
    "CREATE TABLE conversation(id TEXT PRIMARY KEY, character TEXT, created_ms INTEGER);"
    "CREATE TABLE turn(conversation TEXT, seq INTEGER, role TEXT, state TEXT, text TEXT, PRIMARY KEY(conversation, seq));")
with open(sys.argv[2], encoding="utf-8") as f:
    TEXT = f.read()
WORDS = re.findall(r" *\S+", TEXT.split("say: ")[1].strip())
FIRST, DELAY = (int(re.search(rf"{key}: (\d+)", TEXT)[1]) / 1000 for key in ("first_ms", "delay_ms"))

app = FastAPI()
listeners: dict[str, set[asyncio.Queue]] = {}
live: dict[tuple[str, int], str] = {}


class NewConversation(BaseModel):
    character: str


class Message(BaseModel):
    text: str


def publish(conversation, event):
    for queue in listeners.get(conversation, ()):
        queue.put_nowait(event)


def turn_of(row):
    return {"seq": row[0], "role": row[1], "state": row[2], "text": row[3]}


async def reply(conversation, seq):
    text = ""
    await asyncio.sleep(FIRST)
    for word in WORDS:
        publish(conversation, {"type": "turn.delta", "conversation": conversation, "seq": seq, "offset": len(text), "text": word})
        text += word
        live[conversation, seq] = text
        await asyncio.sleep(DELAY)
    database.execute("UPDATE turn SET state = 'done', text = ? WHERE conversation = ? AND seq = ?", (text, conversation, seq))
    del live[conversation, seq]
    publish(conversation, {"type": "turn.done", "conversation": conversation,
                           "turn": {"seq": seq, "role": "character", "state": "done", "text": text}})


@app.get("/api/v1/status")
async def status():
    return {"version": "twin"}


@app.post("/api/v1/conversations", status_code=201)
async def new_conversation(body: NewConversation):
    id_ = secrets.token_hex(8)
    database.execute("INSERT INTO conversation VALUES(?, ?, ?)", (id_, body.character, int(time.time() * 1000)))
    return {"conversation": {"id": id_, "character": body.character}}


@app.post("/api/v1/conversations/{conversation}/messages", status_code=202)
async def message(conversation: str, body: Message):
    seq = database.execute("SELECT coalesce(max(seq), 0) + 1 FROM turn WHERE conversation = ?", (conversation,)).fetchone()[0]
    database.execute("BEGIN")
    database.execute("INSERT INTO turn VALUES(?, ?, 'person', 'done', ?)", (conversation, seq, body.text))
    database.execute("INSERT INTO turn VALUES(?, ?, 'character', 'waiting', '')", (conversation, seq + 1))
    database.execute("COMMIT")
    live[conversation, seq + 1] = ""
    asyncio.get_running_loop().create_task(reply(conversation, seq + 1))
    return {"seq": seq, "reply": seq + 1}


@app.get("/api/v1/conversations/{conversation}/events")
async def events(conversation: str, after: int = 0):
    async def stream():
        queue = asyncio.Queue()
        listeners.setdefault(conversation, set()).add(queue)
        try:
            rows = database.execute("SELECT seq, role, state, text FROM turn WHERE conversation = ? AND seq > ? ORDER BY seq",
                                    (conversation, after)).fetchall()
            turns = [turn_of(row) for row in rows]
            for turn in turns:
                turn["text"] = live.get((conversation, turn["seq"]), turn["text"])
            event = {"type": "sync", "conversation": conversation, "turns": turns}
            while True:
                yield f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"
                event = await queue.get()
        finally:
            listeners[conversation].discard(queue)

    return StreamingResponse(stream(), media_type="text/event-stream")


if __name__ == "__main__":
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    print(f"the twin is at http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, loop="uvloop", http="httptools")).run(sockets=[listener])
