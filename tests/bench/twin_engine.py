"""The model's process of twin.py: an OpenAI-compatible server that says a written reply at the script's pace.

Usage: twin_engine.py SCRIPT     prints its address; ends when its stdin ends
"""
import asyncio
import json
import os
import re
import socket
import sys
import threading
import time

import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from pydantic import BaseModel


def words_of(path):
    """The words of the script's reply, seconds before the first, seconds before each further one."""
    with open(path, encoding="utf-8") as f:
        text = f.read()
    first, delay = (int(re.search(rf"{key}: (\d+)", text)[1]) / 1000 for key in ("first_ms", "delay_ms"))
    return re.findall(r" *\S+", re.search("say: (.*)", text)[1]), first, delay


class Message(BaseModel):
    role: str
    content: str


class Request(BaseModel):
    model: str
    messages: list[Message]
    stream: bool = False


def end_with_parent():
    sys.stdin.read()
    os._exit(0)


def serve():
    threading.Thread(target=end_with_parent, daemon=True).start()
    app = FastAPI()
    words, first, delay = words_of(sys.argv[1])

    @app.post("/v1/chat/completions")
    async def complete(request: Request):
        head = {"id": "1", "object": "chat.completion.chunk", "created": int(time.time()), "model": request.model}

        def chunk(delta, finish):
            return f"data: {json.dumps({**head, 'choices': [{'index': 0, 'delta': delta, 'finish_reason': finish}]})}\n\n"

        async def stream():
            paced = "quickly" not in request.messages[-1].content
            await asyncio.sleep(first if paced else 0)
            for word in words:
                yield chunk({"content": word}, None)
                await asyncio.sleep(delay if paced else 0)
            yield chunk({}, "stop")
            yield "data: [DONE]\n\n"

        return StreamingResponse(stream(), media_type="text/event-stream")

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    print(f"the twin's engine is at http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, loop="uvloop", http="httptools")).run(sockets=[listener])


if __name__ == "__main__":
    serve()
