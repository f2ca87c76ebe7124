// A consumer of outcomes with AWS's SDK: a queue of its own behind the bus, by a rule. One line of JSON for each outcome.
//
//     node consumer.mjs '{"endpoint": …, "bus": …, "publicKeys": {version: PEM}}'
//
// Prints {"ready": true} once its rule stands, and ends when its standard input does. `faults` is what is wrong with an
// outcome: by its schema, by the signature of its proof, by what the signed answer says.
import { createVerify } from "node:crypto";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { validator } from "./schemas.mjs";

const PATH = "/aps/api/v1/payments/cancelPayment";
const { endpoint, bus, publicKeys } = JSON.parse(process.argv[2]);
const account = { endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } };
const sqs = new SQSClient(account);
const faultsBySchema = validator("outcome");

function faultsOfProof({ proof, resultStatus, resultCode, paymentRequestId }) {
  if (!proof) return [];
  const response = Buffer.from(proof.response, "base64");
  const content = [`POST ${PATH}\n${proof.clientId}.${proof.responseTime}.`, response];
  const verify = createVerify("RSA-SHA256");
  content.forEach((part) => verify.update(part));
  const signed = verify.verify(publicKeys[proof.keyVersion], proof.signature, "base64");
  const { result } = JSON.parse(response);
  return [
    ...(signed ? [] : ["the signature of the proof does not verify"]),
    ...(result.resultStatus === resultStatus && result.resultCode === resultCode ? [] : ["the proof says otherwise"]),
    ...(JSON.parse(proof.request).paymentRequestId === paymentRequestId ? [] : ["the proof is of another payment"]),
  ];
}

async function subscribe() {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "outcomes-in-node" }));
  const wanted = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] });
  const { QueueArn } = (await sqs.send(wanted)).Attributes;
  const events = new EventBridgeClient(account);
  const EventPattern = JSON.stringify({ source: ["alipayplus.cancelPayment"], detail: { version: ["2"] } });
  const rule = { Name: "outcomes-in-node", EventBusName: bus };
  const { RuleArn } = await events.send(new PutRuleCommand({ ...rule, EventPattern }));
  const allowed = {
    Effect: "Allow",
    Principal: { Service: "events.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: QueueArn,
    Condition: { ArnEquals: { "aws:SourceArn": RuleArn } },
  };
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [allowed] });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  const targets = { Rule: rule.Name, EventBusName: bus, Targets: [{ Id: "queue", Arn: QueueArn }] };
  await events.send(new PutTargetsCommand(targets));
  return QueueUrl;
}

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const QueueUrl = await subscribe();
say({ ready: true });
process.stdin.resume().on("end", () => process.exit());
const seen = new Set(); // delivery is at least once
for (;;) {
  const more = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 });
  for (const { Body, ReceiptHandle } of (await sqs.send(more)).Messages ?? []) {
    const { detail, "detail-type": type } = JSON.parse(Body);
    if (!seen.has(detail.outcomeId)) {
      const faults = [...faultsBySchema(detail), ...faultsOfProof(detail)];
      say({ type, payment: detail.paymentRequestId, outcome: detail.outcome, faults });
    }
    seen.add(detail.outcomeId);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  }
}
