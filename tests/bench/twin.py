"""The named alternative of `anima bench server`: the same routes with FastAPI and uvicorn, as one would write them.

Usage: twin.py DATABASE SCRIPT [--in-process]

Stores messages and replies in SQLite (WAL, synchronous=FULL) and streams the reply word by word as server-sent events.
Like anima, and as is usual, it has the model in a process of its own: an OpenAI-compatible server (twin_engine.py), asked
through OpenAI's client. --in-process: no such process, the words come from a coroutine; that is the least a Python server
can do.
"""
import asyncio
import json
import os
import secrets
import socket
import sqlite3
import subprocess
import sys
import time

import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from twin_engine import words_of

database = sqlite3.connect(sys.argv[1], check_same_thread=False, isolation_level=None)
database.executescript(
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
    "CREATE TABLE conversation(id TEXT PRIMARY KEY, character TEXT, created_ms INTEGER);"
    "CREATE TABLE turn(conversation TEXT, seq INTEGER, role TEXT, state TEXT, text TEXT, PRIMARY KEY(conversation, seq));")

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


WORDS, FIRST, DELAY = words_of(sys.argv[2])


async def words_in_process(messages):
    paced = "quickly" not in messages[-1]["content"]
    await asyncio.sleep(FIRST if paced else 0)
    for word in WORDS:
        yield word
        await asyncio.sleep(DELAY if paced else 0)


def start_engine():
    """A source of words: twin_engine.py, through OpenAI's client."""
    from openai import AsyncOpenAI

    engine = subprocess.Popen([sys.executable, os.path.join(os.path.dirname(__file__), "twin_engine.py"), sys.argv[2]],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    client = AsyncOpenAI(base_url=engine.stdout.readline().split()[-1] + "/v1", api_key="none")

    async def words(messages):
        async for chunk in await client.chat.completions.create(model="script", messages=messages, stream=True):
            if chunk.choices and chunk.choices[0].delta.content:
                yield chunk.choices[0].delta.content

    return words


words_from = words_in_process if "--in-process" in sys.argv else start_engine()


async def reply(conversation, seq):
    said = database.execute("SELECT role, text FROM turn WHERE conversation = ? AND seq < ? ORDER BY seq", (conversation, seq)).fetchall()
    messages = [{"role": "user" if role == "person" else "assistant", "content": text} for role, text in said]
    text = ""
    async for word in words_from(messages):
        publish(conversation, {"type": "turn.delta", "conversation": conversation, "seq": seq, "offset": len(text), "text": word})
        text += word
        live[conversation, seq] = text
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
