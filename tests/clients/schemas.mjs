// Is each instance as its schema says? {schema, instances} on standard input, for each its faults on standard output.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const EVENTS = new URL("../../events/", import.meta.url);

// A validator of events/NAME.schema.json, which returns what is wrong.
export function validator(name) {
  // A keyword that ajv does not know, or that can have no effect, is an error of the schema.
  const ajv = addFormats(new Ajv2020({ strictTypes: true, allowUnionTypes: true, allErrors: true }));
  const validate = ajv.compile(JSON.parse(readFileSync(new URL(`${name}.schema.json`, EVENTS))));
  return (instance) => (validate(instance) ? [] : validate.errors.map((one) => `${one.instancePath} ${one.message}`));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { schema, instances } = JSON.parse(readFileSync(0));
  process.stdout.write(JSON.stringify(instances.map(validator(schema))));
}
