// JSONata by its reference implementation, in the version that Step Functions implements (2.0.6).
// One request a line, one answer a line; clock and randomness are the request's, not the machine's.
const jsonata = require("jsonata");
const readline = require("node:readline");

const parsed = new Map();

function parse(expression) {
  if (!parsed.has(expression)) parsed.set(expression, jsonata(expression));
  return parsed.get(expression);
}

async function evaluate({ expression, states, now, random }) {
  const clock = { millis: () => now, now: () => new Date(now).toISOString() };
  try {
    const value = await parse(expression).evaluate(undefined, { states, ...clock, random: () => random });
    return value === undefined ? { error: "undefined" } : { value };
  } catch (error) {
    return { error: `${error.code}: ${error.message}` };
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(await evaluate(JSON.parse(line))) + "\n");
  }
}

main();
