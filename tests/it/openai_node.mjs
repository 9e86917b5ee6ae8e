// anima's OpenAI API seen through the official JavaScript client.
//
// Usage: node openai_node.mjs ANIMA HOME MODULES
// MODULES is the node_modules folder that has `openai`. The script engine answers. Prints `ok NAME` or `FAIL NAME why` per
// check; exits 1 if one failed.
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const SCRIPT = `match: slow
say: one two three four five six seven eight nine ten eleven twelve
delay_ms: 200

match: as json
say: {"colour":"red","count":2}

match: too much
error: limit the prompt is too long

match: count
say: one two three four five six

say: You said: {last}
`;

const [anima, home, modules] = process.argv.slice(2);
const require = createRequire(join(resolve(modules), "index.js"));
const OpenAI = require("openai");
let failed = 0;

function check(name, good, why = "") {
  console.log(good ? `ok ${name}` : `FAIL ${name}: ${typeof why === "string" ? why : JSON.stringify(why)}`);
  if (!good) failed++;
}

async function fails(name, kind, call, code) {
  try {
    check(name, false, await call());
  } catch (e) {
    check(name, e instanceof kind && (code === undefined || e.code === code), `${e.constructor.name} ${e.code}: ${e.message}`);
  }
}

async function start() {
  mkdirSync(home, { recursive: true });
  const script = join(home, "script.txt");
  writeFileSync(script, SCRIPT);
  const child = spawn(anima, ["serve", "--home", home, "--set", "server.port=0", "--set", `model.default=script:${script}`],
    { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) {
    const found = line.match(/http:\/\/[^\s/]*:\d+/);
    if (found) return { child, url: found[0] };
  }
  throw new Error("anima serve did not start");
}

const { child, url } = await start();
const user = (content) => [{ role: "user", content }];
try {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "none", maxRetries: 0 });
  const ask = (messages, more = {}) => client.chat.completions.create({ model: "lin", messages, ...more });
  const ids = [];
  for await (const m of client.models.list()) ids.push(m.id);
  check("models are the characters", ids.includes("lin"), ids);

  const done = await ask(user("hello"), { seed: 1, temperature: 0.5 });
  check("an answer", done.choices[0].message.content === "You said: hello" && done.usage.completion_tokens === 3, done);
  const short = await ask(user("count"), { max_completion_tokens: 2 });
  check("max_completion_tokens", short.choices[0].finish_reason === "length", short);
  const stopped = await ask(user("count"), { stop: [" four"] });
  check("a stop string", stopped.choices[0].message.content === "one two three", stopped);

  let text = "", last;
  for await (const chunk of await ask(user("count"), { stream: true, stream_options: { include_usage: true } })) {
    text += chunk.choices[0]?.delta?.content ?? "";
    last = chunk;
  }
  check("a stream", text === "one two three four five six" && last.usage.completion_tokens === 6, text);
  const final = await client.chat.completions.stream({ model: "lin", messages: user("count") }).finalChatCompletion();
  check("the client's own stream helper", final.choices[0].message.content === text, final);

  const scored = await ask(user("count"), { logprobs: true, top_logprobs: 1 });
  check("logprobs", scored.choices[0].logprobs.content.map((t) => t.token).join("") === text, scored.choices[0].logprobs);
  const schema = { type: "object", properties: { colour: { type: "string" }, count: { type: "integer" } }, required: ["colour", "count"], additionalProperties: false };
  const json = await ask(user("as json"), { response_format: { type: "json_schema", json_schema: { name: "a", strict: true, schema } } });
  check("json_schema", JSON.parse(json.choices[0].message.content).count === 2, json);

  const first = await client.responses.create({ model: "lin", input: "hello", instructions: "Be brief." });
  check("a response", first.output_text === "You said: hello" && first.status === "completed", first);
  const second = await client.responses.create({ model: "lin", input: [{ role: "user", content: [{ type: "input_text", text: "more" }] }], previous_response_id: first.id });
  check("goes on behind it", second.output_text === "You said: more" && second.previous_response_id === first.id, second);
  const found = await client.responses.retrieve(second.id);
  check("found again", found.output_text === second.output_text, found);
  let said = "", kinds = [];
  for await (const event of await client.responses.create({ model: "lin", input: "count", stream: true, previous_response_id: second.id })) {
    kinds.push(event.type);
    if (event.type === "response.output_text.delta") said += event.delta;
  }
  check("a stream of events", said === "one two three four five six" && kinds[0] === "response.created" && kinds.at(-1) === "response.completed", kinds);
  const whole = await client.responses.stream({ model: "lin", input: "count" }).finalResponse();
  check("the client's own stream helper for responses", whole.output_text === said, whole);
  const formed = await client.responses.parse({ model: "lin", input: "as json", text: { format: { type: "json_schema", name: "a", strict: true, schema } } });
  check("a response as JSON", formed.output_parsed.count === 2, formed);
  await client.responses.delete(first.id);
  await fails("a deleted one is gone", OpenAI.NotFoundError, () => client.responses.retrieve(first.id));
  await fails("an unknown previous response", OpenAI.BadRequestError, () => client.responses.create({ model: "lin", input: "x", previous_response_id: first.id }), "previous_response_not_found");
  await fails("tools for a response", OpenAI.BadRequestError, () => client.responses.create({ model: "lin", input: "x", tools: [{ type: "web_search" }] }), "unsupported_parameter");

  await fails("a bad member", OpenAI.BadRequestError, () => ask(user("x"), { temperature: 9 }));
  await fails("tools", OpenAI.BadRequestError, () => ask(user("x"), { tools: [{ type: "function", function: { name: "f" } }] }), "unsupported_parameter");
  await fails("an unknown character", OpenAI.NotFoundError, () => client.chat.completions.create({ model: "nobody", messages: user("x") }), "model_not_found");
  await fails("a prompt too long", OpenAI.BadRequestError, () => ask(user("too much")), "context_length_exceeded");

  const stream = await ask(user("slow"), { stream: true });
  for await (const chunk of stream) if (chunk.choices[0].delta.content) break; // leaving the loop aborts the request
  const began = Date.now();
  let running = 1;
  while (running && Date.now() - began < 3000) {
    const status = await (await fetch(`${url}/api/v1/status`)).json();
    running = status.engines.reduce((n, e) => n + e.running, 0);
  }
  check("leaving a stream stops the engine", !running && Date.now() - began < 1500, `${Date.now() - began} ms`);
} catch (e) {
  check("no surprise", false, e.stack);
} finally {
  child.kill("SIGTERM");
  const status = await new Promise((ended) => child.on("exit", ended));
  check("the daemon ends cleanly", status === 0, `status ${status}`);
}
process.exit(failed ? 1 : 0);
