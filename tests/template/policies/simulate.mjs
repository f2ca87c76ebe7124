// Judges calls by AWS's rules of evaluation. In: {documents, calls}, in which each call names its policies by their
// place in `documents`; out: for each call `Allowed`, `ImplicitlyDenied` or `ExplicitlyDenied`.
import { runSimulation, runUnsafeSimulation } from "@cloud-copilot/iam-simulate";

// The service reference knows no resource for these two, so that the simulator takes none but `*`. AWS's own denials
// name the state machine, and SAM's policy templates too: judged on it, without the check of the input.
const ON_THE_STATE_MACHINE = new Set(["states:SendTaskSuccess", "states:SendTaskFailure"]);

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
  if (ON_THE_STATE_MACHINE.has(call.action)) return runUnsafeSimulation(simulation, {});
  const answer = await runSimulation(simulation, {});
  if (answer.resultType !== "single") throw new Error(`${JSON.stringify(call)}: ${JSON.stringify(answer)}`);
  const ignored = answer.result.ignoredContextKeys;
  if (ignored.length) throw new Error(`${call.action} has no key ${ignored}`);
  return answer.overallResult;
}

let text = "";
for await (const part of process.stdin) text += part;
const { documents, calls } = JSON.parse(text);
const verdicts = [];
for (const call of calls) verdicts.push(await judge(call, documents));
process.stdout.write(JSON.stringify(verdicts));
