#!/usr/bin/env python3
"""anima's OpenAI API seen through the official Python client (run it with a Python that has `openai`).

Usage: openai_python.py ANIMA HOME [--model NAME]
Without --model the script engine answers, and every reply is known; with it a real model does, and only form, seed and
schema are checked. Prints `ok NAME` or `FAIL NAME why` per check; exits 1 if one failed.
"""
import argparse
import json
import sys
import threading
import time

import openai

from api_client import Daemon, check, failures

SCRIPT = """slots: 4

match: slow
say: one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
delay_ms: 200

match: as json
say: {"colour":"red","count":2}

match: too much
error: limit the prompt has 9000 tokens, but the context holds 8192

match: broken
error: model the model file is damaged

match: count
say: one two three four five six

match: chinese
say: 你好，很高兴认识你。

say: You said: {last}
"""


def text_of(completion):
    return completion.choices[0].message.content


def user(text):
    return [{"role": "user", "content": text}]


def fails(name, kind, call, wanted_code=None, wanted_param=None):
    try:
        got = call()
        check(name, False, f"it answered {str(got)[:100]}")
    except kind as e:
        check(name, (wanted_code is None or e.code == wanted_code) and (wanted_param is None or e.param == wanted_param),
              f"code {e.code} param {e.param}: {e}")
    except openai.OpenAIError as e:
        check(name, False, f"{type(e).__name__}: {e}")


def models(client):
    found = client.models.list()
    check("models are the characters", "lin" in [m.id for m in found.data] and found.data[0].owned_by == "anima", str(found))
    check("one model", client.models.retrieve("lin").id == "lin")
    fails("an unknown model is NotFoundError", openai.NotFoundError, lambda: client.models.retrieve("nobody"), "model_not_found")


def chat(client, ask):
    done = ask(user("hello"))
    check("an answer", text_of(done) == "You said: hello" and done.choices[0].finish_reason == "stop", str(done))
    check("its form", done.object == "chat.completion" and done.id.startswith("chatcmpl-") and done.model == "lin" and
          done.system_fingerprint and abs(done.created - time.time()) < 60, str(done))
    check("its usage", done.usage.completion_tokens == 3 and done.usage.total_tokens == done.usage.prompt_tokens + 3 and
          done.usage.prompt_tokens > 0, str(done.usage))
    parts = [{"type": "text", "text": "part one"}, {"type": "text", "text": "part two"}]
    check("content parts", text_of(ask(user(parts))) == "You said: part one\npart two")
    history = [{"role": "developer", "content": "be brief"}, {"role": "user", "content": "a", "name": "ann"},
               {"role": "assistant", "content": "b"}, {"role": "user", "content": "last"}]
    check("developer, assistant and names", text_of(ask(history)) == "You said: last")
    check("Chinese", text_of(ask(user("chinese"))) == "你好，很高兴认识你。")
    short = ask(user("count"), max_tokens=3)
    check("max_tokens ends with length", text_of(short).strip() == "one two three" and short.choices[0].finish_reason == "length", str(short))
    check("max_completion_tokens", text_of(ask(user("count"), max_completion_tokens=2)).strip() == "one two")
    check("a stop string", text_of(ask(user("count"), stop=" four")) == "one two three")
    check("several stop strings", text_of(ask(user("count"), stop=["five", " three"])) == "one two")
    all_of_it = ask(user("hello"), temperature=0.5, top_p=0.9, seed=7, n=1, presence_penalty=0.1, frequency_penalty=0.1, user="me",
                    extra_body={"min_p": 0.1, "top_k": 5, "repeat_penalty": 1.1, "dry_multiplier": 0.5, "something_new": [1]})
    check("all sampling members, and unknown ones", text_of(all_of_it) == "You said: hello")


def stream(client, ask):
    chunks = list(ask(user("count"), stream=True, stream_options={"include_usage": True}))
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    check("a stream has the words", text == "one two three four five six" and len(chunks) > 4, text)
    check("it begins with the role", chunks[0].choices[0].delta.role == "assistant", str(chunks[0]))
    check("it ends with the reason", [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop")
    check("then comes usage", not chunks[-1].choices and chunks[-1].usage.completion_tokens == 6 and chunks[0].usage is None, str(chunks[-1]))
    check("all chunks are one answer", len({c.id for c in chunks}) == 1 and chunks[0].object == "chat.completion.chunk")
    no_usage = list(ask(user("count"), stream=True))
    check("no usage unasked", all(c.usage is None for c in no_usage) and all(c.choices for c in no_usage))
    with client.chat.completions.stream(model="lin", messages=user("count")) as helper:
        final = helper.get_final_completion()
    check("the client's own stream helper", text_of(final) == "one two three four five six", text_of(final))


def logprobs(ask):
    done = ask(user("count"), logprobs=True, top_logprobs=2)
    tokens = done.choices[0].logprobs.content
    check("logprobs name every token", "".join(t.token for t in tokens) == text_of(done) and all(t.logprob <= 0 for t in tokens), str(tokens))
    check("none unasked", ask(user("count")).choices[0].logprobs is None)
    streamed = [c for c in ask(user("count"), logprobs=True, stream=True) if c.choices and c.choices[0].logprobs]
    check("logprobs in a stream", "".join(t.token for c in streamed for t in c.choices[0].logprobs.content) == text_of(done))


def schema(ask):
    wanted = {"type": "object", "properties": {"colour": {"type": "string", "enum": ["red", "blue"]}, "count": {"type": "integer"}},
              "required": ["colour", "count"], "additionalProperties": False}
    for strict in (True, False):
        done = ask(user("as json"), response_format={"type": "json_schema", "json_schema": {"name": "answer", "strict": strict, "schema": wanted}},
                   max_tokens=60, temperature=0)
        try:
            value = json.loads(text_of(done))
            good = value["colour"] in ("red", "blue") and isinstance(value["count"], int) and set(value) == {"colour", "count"}
        except (ValueError, KeyError, TypeError):
            good = False
        check(f"json_schema, strict {strict}", good, text_of(done))
    done = ask(user("as json"), response_format={"type": "json_object"}, max_tokens=200)
    check("json_object begins an object", text_of(done).lstrip().startswith("{"), text_of(done))


def responses(client, d):
    def respond(text, **more):
        return client.responses.create(model="lin", input=text, **more)
    first = respond("hello", instructions="Be brief.", metadata={"a": "b"}, temperature=0.5, max_output_tokens=50)
    check("a response", first.output_text == "You said: hello" and first.status == "completed" and first.id.startswith("resp_") and first.model == "lin", str(first))
    check("what was asked is told", first.instructions == "Be brief." and first.metadata == {"a": "b"} and first.temperature == 0.5 and first.max_output_tokens == 50 and
          first.error is None and abs(first.created_at - time.time()) < 60, str(first))
    check("its usage in tokens", first.usage.output_tokens == 3 and first.usage.total_tokens == first.usage.input_tokens + 3 and
          first.usage.input_tokens_details.cached_tokens == 0, str(first.usage))
    second = respond("how many", previous_response_id=first.id)
    check("goes on behind it", second.output_text == "You said: how many" and second.previous_response_id == first.id and
          second.usage.input_tokens > first.usage.input_tokens - 4, str(second))
    streams = len(d.call("GET", "/v1/streams")[1]["streams"])
    third = respond("again", previous_response_id=first.id)
    check("from elsewhere it forks", third.usage.input_tokens < second.usage.input_tokens and len(d.call("GET", "/v1/streams")[1]["streams"]) == streams + 1, str(third))
    check("found again", client.responses.retrieve(second.id).output_text == second.output_text)
    messages = [{"role": "developer", "content": "be brief"}, {"role": "user", "content": [{"type": "input_text", "text": "part one"}, {"type": "input_text", "text": "part two"}]}]
    check("a list of messages", respond(messages).output_text == "You said: part one\npart two")
    short = respond("count", max_output_tokens=3)
    check("cut off it is incomplete", short.status == "incomplete" and short.incomplete_details.reason == "max_output_tokens" and short.output_text.strip() == "one two three", str(short))
    bare = client.responses.create(model=d.model, input="hello")
    check("a bare model", bare.output_text == "You said: hello" and bare.usage.input_tokens < first.usage.input_tokens, str(bare))
    other = client.responses.create(model=d.model, input="and you?", previous_response_id=second.id)
    check("another model goes on with the same words", other.output_text == "You said: and you?" and other.usage.input_tokens > bare.usage.input_tokens, str(other))
    unkept = respond("hello", store=False)
    fails("one that is not kept is not found", openai.NotFoundError, lambda: client.responses.retrieve(unkept.id))
    side = respond("aside", previous_response_id=second.id, store=False)
    check("an unkept one goes on, too", side.usage.input_tokens > second.usage.input_tokens and respond("next", previous_response_id=second.id).usage.input_tokens == side.usage.input_tokens, str(side))
    client.responses.delete(first.id)
    fails("a deleted one is gone", openai.NotFoundError, lambda: client.responses.retrieve(first.id))
    check("what stands on it stays", client.responses.retrieve(second.id).output_text == second.output_text)
    with client.responses.stream(model="lin", input="count", previous_response_id=second.id) as helper:
        kinds = [e.type for e in helper]
        final = helper.get_final_response()
    check("the client's own stream helper for responses", final.output_text == "one two three four five six" and kinds[0] == "response.created" and
          kinds[-1] == "response.completed" and "response.output_text.delta" in kinds, str(kinds))
    check("and what it made is kept", client.responses.retrieve(final.id).output_text == final.output_text)
    numbers = [e.sequence_number for e in respond("count", stream=True)]
    check("events are numbered", numbers == list(range(len(numbers))) and len(numbers) > 8, str(numbers))
    bad = openai.BadRequestError
    fails("an unknown previous response", bad, lambda: respond("x", previous_response_id="resp_none"), "previous_response_not_found", "previous_response_id")
    fails("an unknown model for a response", openai.NotFoundError, lambda: client.responses.create(model="nobody", input="x"), "model_not_found", "model")
    fails("no input", bad, lambda: respond([]), wanted_param="input")
    fails("an empty input", bad, lambda: respond(""), wanted_param="input")
    fails("a picture as input", bad, lambda: respond([{"role": "user", "content": [{"type": "input_image", "image_url": "x"}]}]), wanted_param="input")
    fails("tools for a response", bad, lambda: respond("x", tools=[{"type": "web_search"}]), "unsupported_parameter", "tools")
    fails("temperature of a response", bad, lambda: respond("x", temperature=3), wanted_param="temperature")
    fails("max_output_tokens of the wrong type", bad, lambda: respond("x", max_output_tokens="many"), "invalid_type", "max_output_tokens")
    fails("too much metadata", bad, lambda: respond("x", metadata={str(i): "x" for i in range(17)}), wanted_param="metadata")
    fails("an input too long", bad, lambda: respond("too much"), "context_length_exceeded", "input")
    fails("an input too long, streamed", bad, lambda: list(respond("too much", stream=True)), "context_length_exceeded")
    again = respond("next", previous_response_id=second.id)
    check("what failed is not there", again.usage.input_tokens == side.usage.input_tokens, str(again.usage))


def response_schema(client):
    wanted = {"type": "object", "properties": {"colour": {"type": "string", "enum": ["red", "blue"]}, "count": {"type": "integer"}},
              "required": ["colour", "count"], "additionalProperties": False}
    done = client.responses.create(model="lin", input="as json", max_output_tokens=60, temperature=0,
                                   text={"format": {"type": "json_schema", "name": "answer", "strict": True, "schema": wanted}})
    try:
        value = json.loads(done.output_text)
        good = value["colour"] in ("red", "blue") and isinstance(value["count"], int)
    except (ValueError, KeyError, TypeError):
        good = False
    check("a response as JSON", good and done.text.format.type == "json_schema", str(done))


def real_responses(client):
    first = client.responses.create(model="lin", input="Hello! Do you have a book about bees?", max_output_tokens=24)
    second = client.responses.create(model="lin", input="And about the sea?", max_output_tokens=24, previous_response_id=first.id)
    used = second.usage
    check("a response reads only what is new", used.input_tokens > first.usage.input_tokens and used.input_tokens - used.input_tokens_details.cached_tokens < 60, str(used))
    bare = client.responses.create(model="smollm2-135m", input="Say hello.", max_output_tokens=8)
    check("a real bare model", len(bare.output_text) > 0 and bare.usage.output_tokens <= 8, str(bare))


def errors(client, ask, port):
    bad = openai.BadRequestError
    fails("a role that does not exist", bad, lambda: ask([{"role": "king", "content": "x"}]), wanted_param="messages")
    fails("no messages", bad, lambda: ask([]), wanted_param="messages")
    fails("temperature too high", bad, lambda: ask(user("x"), temperature=3), wanted_param="temperature")
    fails("max_tokens of the wrong type", bad, lambda: ask(user("x"), max_tokens="many"), "invalid_type", "max_tokens")
    fails("two choices", bad, lambda: ask(user("x"), n=2), wanted_param="n")
    fails("five stops", bad, lambda: ask(user("x"), stop=list("abcde")), wanted_param="stop")
    fails("top_logprobs alone", bad, lambda: ask(user("x"), top_logprobs=2), wanted_param="top_logprobs")
    fails("tools", bad, lambda: ask(user("x"), tools=[{"type": "function", "function": {"name": "f"}}]), "unsupported_parameter", "tools")
    fails("a picture", bad, lambda: ask(user([{"type": "image_url", "image_url": {"url": "x"}}])), wanted_param="messages")
    fails("a bad response_format", bad, lambda: ask(user("x"), response_format={"type": "xml"}), wanted_param="response_format")
    fails("an unknown character", openai.NotFoundError, lambda: client.chat.completions.create(model="nobody", messages=user("x")), "model_not_found", "model")
    fails("a prompt too long", bad, lambda: ask(user("too much")), "context_length_exceeded")
    fails("a prompt too long, streamed", bad, lambda: list(ask(user("too much"), stream=True)), "context_length_exceeded")
    once = openai.OpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="x", max_retries=0)
    fails("a broken model", openai.InternalServerError, lambda: once.chat.completions.create(model="lin", messages=user("broken")), "model")
    fails("a path that is not there", openai.NotFoundError, lambda: client.embeddings.create(model="lin", input="x"))


def cancel(d, ask):
    chunks = ask(user("slow"), stream=True)
    next(chunks)
    next(chunks)
    start = time.monotonic()
    chunks.close()
    while sum(e["running"] for e in d.status()["engines"]) and time.monotonic() - start < 3:
        time.sleep(0.02)
    check("closing a stream stops the engine", time.monotonic() - start < 1, f"{time.monotonic() - start:.2f} s")


def together(ask):
    answers = [None] * 8
    def one(i):
        answers[i] = text_of(ask(user(f"number {i}")))
    threads = [threading.Thread(target=one, args=(i,)) for i in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    check("eight clients at once", answers == [f"You said: number {i}" for i in range(8)], str(answers))


def with_token(anima, home):
    file = home + ".token"
    with open(file, "w", encoding="utf-8") as f:
        f.write("the-right-key\n")
    with Daemon(anima, home + "-token", SCRIPT, f"server.token_file={file}") as d:
        url = f"http://127.0.0.1:{d.port}/v1"
        fails("a wrong key is AuthenticationError", openai.AuthenticationError, openai.OpenAI(base_url=url, api_key="wrong").models.list)
        check("the key lets in", openai.OpenAI(base_url=url, api_key="the-right-key").models.list().data[0].id)


def real(ask):
    done = ask(user("What is the capital of France?"), max_tokens=24, seed=11, temperature=0.8)
    again = ask(user("What is the capital of France?"), max_tokens=24, seed=11, temperature=0.8)
    check("a real model answers", len(text_of(done)) > 3 and done.usage.completion_tokens > 1, str(done))
    check("the same seed gives the same answer", text_of(done) == text_of(again), f"{text_of(done)!r} {text_of(again)!r}")
    scored = ask(user("Say hello."), max_tokens=8, logprobs=True, top_logprobs=3, temperature=0)
    tokens = scored.choices[0].logprobs.content
    check("real logprobs", tokens and all(t.logprob <= 0 and len(t.top_logprobs) == 3 for t in tokens), str(tokens))
    chunks = list(ask(user("Tell me a story."), max_tokens=20, stream=True, stream_options={"include_usage": True}))
    check("a real stream", chunks[-1].usage.completion_tokens <= 20 and len(chunks) > 3, str(chunks[-1]))
    fails("a real prompt too long", openai.BadRequestError, lambda: ask(user("word " * 40000)), "context_length_exceeded")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("anima")
    parser.add_argument("home")
    parser.add_argument("--model")
    options = parser.parse_args()
    with Daemon(options.anima, options.home, SCRIPT, model=options.model) as d:
        client = openai.OpenAI(base_url=f"http://127.0.0.1:{d.port}/v1", api_key="none", timeout=120)
        def ask(messages, **more):
            return client.chat.completions.create(model="lin", messages=messages, **more)
        models(client)
        schema(ask)
        response_schema(client)
        if options.model:
            real(ask)
            real_responses(client)
        else:
            responses(client, d)
            chat(client, ask)
            stream(client, ask)
            logprobs(ask)
            errors(client, ask, d.port)
            cancel(d, ask)
            together(ask)
    if not options.model:
        with_token(options.anima, options.home)
    return 1 if failures() else 0


if __name__ == "__main__":
    sys.exit(main())
