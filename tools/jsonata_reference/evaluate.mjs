// One JSON line in, one out: {"expression", "bindings"} -> {"aws": ANSWER, "newest": ANSWER}, by JSONata 2.0.6 (which AWS documents) and by
// the newest; ANSWER = {"value"} | {"nothing": true} | {"error": code}.
import { createInterface } from "node:readline";
import newest from "jsonata";
import aws from "jsonata-of-aws";

const compiled = { aws: new Map(), newest: new Map() };

async function evaluate(name, engine, { expression, bindings }) {
  try {
    if (!compiled[name].has(expression)) compiled[name].set(expression, engine(expression));
    const value = await compiled[name].get(expression).evaluate(undefined, structuredClone(bindings));
    return value === undefined ? { nothing: true } : { value };
  } catch (error) {
    return { error: error.code ?? String(error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  const answers = { aws: await evaluate("aws", aws, asked), newest: await evaluate("newest", newest, asked) };
  process.stdout.write(`${JSON.stringify(answers)}\n`);
}
