// Custom resources against the schemas of KEDA, VPA, Argo CD and Flux: one JSON object a line in, one list of faults a line out.
// ajv checks the values; TypeScript's check of object literals refuses fields that nobody knows, at any depth.
// Run from the folder that has node_modules: node --input-type=module --eval "$(cat validate.mjs)" < objects
import { readFileSync } from "node:fs";
import ts from "typescript";

const HOME = {
  "keda.sh/v1alpha1": "@kubernetes-models/keda",
  "autoscaling.k8s.io/v1": "@kubernetes-models/autoscaler",
  "argoproj.io/v1alpha1": "@kubernetes-models/argo-cd",
  "kustomize.toolkit.fluxcd.io/v1": "@kubernetes-models/flux-cd",
};
const objects = readFileSync(0, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
const faults = objects.map(() => []);

for (const [index, object] of objects.entries()) {
  const place = `${HOME[object.apiVersion]}/${object.apiVersion}/${object.kind}`;
  const { [object.kind]: Model } = await import(place);
  try {
    new Model(object).validate();
  } catch (error) {
    faults[index].push(...(error.errors ?? [{ message: String(error) }]).map((one) => `${one.instancePath} ${one.message}`));
  }
}

const file = `${process.cwd()}/objects.ts`;
const source = objects
  .map((object, index) => {
    const place = `${HOME[object.apiVersion]}/${object.apiVersion}/${object.kind}`;
    return `import type { I${object.kind} as T${index} } from "${place}"; export const o${index}: T${index} = ${JSON.stringify(object)};`;
  })
  .join("\n");
const options = { strict: true, noEmit: true, skipLibCheck: true, types: [], module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022 };
const host = ts.createCompilerHost(options);
const { getSourceFile, fileExists } = host;
host.getSourceFile = (name, ...rest) => (name === file ? ts.createSourceFile(name, source, ...rest) : getSourceFile(name, ...rest));
host.fileExists = (name) => name === file || fileExists(name);
for (const found of ts.getPreEmitDiagnostics(ts.createProgram([file], options, host))) {
  const line = found.file === undefined ? 0 : found.file.getLineAndCharacterOfPosition(found.start).line;
  faults[line].push(ts.flattenDiagnosticMessageText(found.messageText, " "));
}
faults.forEach((one) => console.log(JSON.stringify(one)));
