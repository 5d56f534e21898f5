// What somebody would write in an afternoon with the usual libraries: read every request, validate it against the
// published schema, write a plan and a page for it. `node whole_job.mjs SCHEMA REPOSITORY`, js-yaml and ajv beside it.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

const [schemaFile, root, modules] = process.argv.slice(2);
const require = createRequire(path.resolve(modules, "index.js"));
const yaml = require("js-yaml");
const Ajv = require("ajv/dist/2020").default;
const validate = new Ajv({ strict: false, validateFormats: false }).compile(JSON.parse(fs.readFileSync(schemaFile, "utf8")));

function* files(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const inner = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* files(inner);
    else if (entry.name.endsWith(".yaml")) yield inner;
  }
}

function actions(request) {
  const ref = (workload) => ({ kind: workload.kind, name: workload.name, namespace: request.namespace ?? "default" });
  return request.workloads.flatMap((workload) => [
    ...("replicas" in workload ? [{ action: "scale_workload", ...ref(workload), from: "${detect}", to: workload.replicas }] : []),
    ...(workload.requests || workload.limits
      ? [{ action: "update_resources", ...ref(workload), requests: workload.requests ?? {}, limits: workload.limits ?? {} }]
      : []),
    ...("hpa" in workload ? [{ action: "apply_hpa", ...ref(workload), hpa: workload.hpa }] : []),
  ]);
}

function page(request, done) {
  const lines = done.map((action, index) => `${index + 1}. ${action.action} ${action.kind}/${action.name}`);
  return `# Plan (${request.target})\n\n- Namespace: \`${request.namespace}\`\n\n## Actions\n\n${lines.join("\n")}\n`;
}

function replace(file, text) {
  fs.writeFileSync(`${file}.tmp`, text);
  fs.renameSync(`${file}.tmp`, file);
}

const requests = path.join(root, "requests");
for (const file of files(requests)) {
  const request = yaml.load(fs.readFileSync(file, "utf8"));
  if (!validate(request)) throw new Error(`${file}: ${JSON.stringify(validate.errors)}`);
  const id = path.relative(requests, file).slice(0, -".yaml".length);
  const folder = path.join(root, "ops/plans/node", request.target, id);
  fs.mkdirSync(folder, { recursive: true });
  const done = actions(request);
  const plan = {
    apiVersion: "infra.scale/v1",
    kind: "ScalePlan",
    metadata: { name: id.replaceAll("/", "."), target: request.target, owner: request.owner, reason: request.reason },
    actions: done,
  };
  replace(path.join(folder, "plan.yaml"), yaml.dump(plan, { lineWidth: -1, noRefs: true }));
  replace(path.join(folder, "SUMMARY.md"), page(request, done));
}
