// Judges calls by AWS's rules of evaluation. In: {documents, calls}, in which each call names its policies by their
// place in `documents`; out: for each call `Allowed`, `ImplicitlyDenied`, `ExplicitlyDenied`, or `invalid: …`.
import { runSimulation, runUnsafeSimulation } from "@cloud-copilot/iam-simulate";

// What its check of the input refuses, though AWS does not; judged without that check.
const UNCHECKED = new Set([
  // The service reference knows no resource for these two. AWS's own denials name the state machine.
  "states:SendTaskSuccess",
  "states:SendTaskFailure",
  // The ARN of an alias has the form of a version's.
  "lambda:GetProvisionedConcurrencyConfig",
]);
// It knows a key with a name of the caller's in it by the form of the service reference alone.
const NAMED_KEY = ["kms:EncryptionContext:SecretARN", "kms:EncryptionContext:${EncryptionContextKey}"];

async function judge(call, documents) {
  const simulation = {
    request: {
      principal: call.principal,
      action: call.action,
      resource: { resource: call.resource, accountId: call.account },
      contextVariables: call.keys,
    },
    identityPolicies: call.identity.map((place) => ({ name: String(place), policy: documents[place] })),
    resourcePolicy: call.resourcePolicy === null ? undefined : documents[call.resourcePolicy],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  };
  if (UNCHECKED.has(call.action)) return runUnsafeSimulation(simulation, {});
  const answer = await runSimulation(simulation, {});
  if (answer.resultType === "error") return `invalid: ${JSON.stringify(answer.errors)}`;
  const ignored = answer.result.ignoredContextKeys;
  return ignored.length ? `invalid: no such key as ${ignored}` : answer.overallResult;
}

let text = "";
for await (const part of process.stdin) text += part;
const { documents, calls } = JSON.parse(text.replaceAll(NAMED_KEY[0], () => NAMED_KEY[1]));
const verdicts = [];
for (const call of calls) verdicts.push(await judge(call, documents));
process.stdout.write(JSON.stringify(verdicts));
