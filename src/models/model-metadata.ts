import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PbfReader, PbfWriter } from 'pbf';
import { parse } from 'yaml';
import { firstLine, UserError } from '../data/errors.js';
import { errorCode } from '../io/file.js';
import { type ModelSpec, parseModelSpec } from './model-spec.js';

/** The key of an ONNX file's metadata whose value, JSON, describes the model. */
export const METADATA_KEY = 'rankstream';

/** Endings of the file beside a model that describes it. */
const BESIDE = ['.yaml', '.yml', '.json'];

/** Fields of ModelProto, GraphProto, TensorProto and StringStringEntryProto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). */
const FIELD = { graph: 7, metadata: 14, initializer: 5, externalData: 13, key: 1, value: 2 };

/**
 * What is known of a model: from its own metadata (key `rankstream`, JSON), else from the file of its name beside it (`model.yaml`, `.yml` or `.json`).
 * @returns undefined where neither is there
 * @throws UserError for a file that is not ONNX, and for a description that is wrong
 */
export async function readModelSpec(file: string): Promise<ModelSpec | undefined> {
  return modelSpecOf(await readModel(file), file);
}

/** As `readModelSpec`, of a model that was read. */
export async function modelSpecOf(model: Uint8Array, file: string): Promise<ModelSpec | undefined> {
  const inside = metadataOf(model, file);
  if (inside !== undefined) return parseModelSpec(parsed(inside, `${file}, metadata "${METADATA_KEY}"`), file);
  const stem = file.replace(/\.[^./\\]+$/, '');
  for (const ending of BESIDE) {
    const beside = stem + ending;
    const text = await readFile(beside, 'utf8').catch((error) => {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw new UserError(`${beside}: cannot be read (${firstLine(error)})`);
    });
    if (text !== undefined) return parseModelSpec(parsed(text, beside), beside);
  }
  return undefined;
}

/** The same model with its description in its metadata; one that it had before no longer counts. */
export function withModelSpec(model: Uint8Array, spec: ModelSpec): Uint8Array {
  const entry = new PbfWriter();
  entry.writeMessage(
    FIELD.metadata,
    (json: string, to) => {
      to.writeStringField(FIELD.key, METADATA_KEY);
      to.writeStringField(FIELD.value, json);
    },
    JSON.stringify(spec),
  );
  return Buffer.concat([model, entry.finish()]);
}

/** The names of the files, relative to the model's folder, in which the model keeps weights outside of itself. */
export function externalFiles(model: Uint8Array): string[] {
  const files = new Set<string>();
  new PbfReader(model).readFields((field, _, pbf) => {
    if (field !== FIELD.graph) return;
    pbf.readMessage((inGraph) => {
      if (inGraph !== FIELD.initializer) return;
      pbf.readMessage((inTensor) => {
        if (inTensor !== FIELD.externalData) return;
        const { key, value } = entryOf(pbf);
        if (key === 'location') files.add(value);
      }, null);
    }, null);
  }, null);
  return [...files].sort();
}

/** SHA-256 (hexadecimal) of a model and of the files that it keeps weights in. @throws UserError when one of those cannot be read */
export async function hashModel(model: Uint8Array, file: string): Promise<string> {
  const hash = createHash('sha256').update(model);
  for (const name of externalFiles(model)) {
    const weights = join(dirname(file), name);
    try {
      for await (const chunk of createReadStream(weights)) hash.update(chunk);
    } catch (error) {
      throw new UserError(`${file}: its weights ${weights} cannot be read (${firstLine(error)})`);
    }
  }
  return hash.digest('hex');
}

/** The bytes of a model. @throws UserError when there is no such file */
export async function readModel(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new UserError(`${file}: the model cannot be read (${errorCode(error) === 'ENOENT' ? 'no such file' : firstLine(error)})`);
  }
}

/** The top level of the protobuf; the graph is passed over. Of several values the last one counts. */
function metadataOf(model: Uint8Array, file: string): string | undefined {
  const found: { graph?: true; description?: string } = {};
  const reader = new PbfReader(model);
  try {
    reader.readFields((field, to, pbf) => {
      if (field === FIELD.graph) to.graph = true;
      if (field !== FIELD.metadata) return;
      const { key, value } = entryOf(pbf);
      if (key === METADATA_KEY) to.description = value;
    }, found);
  } catch {
    throw new UserError(`${file}: not an ONNX model`);
  }
  // Any text may read as fields, of which none is a graph.
  if (!found.graph) throw new UserError(`${file}: not an ONNX model`);
  if (reader.pos > model.length) throw new UserError(`${file}: the model is cut short, ${model.length} bytes are not all of it`);
  return found.description;
}

function entryOf(pbf: PbfReader): { key: string; value: string } {
  const entry = { key: '', value: '' };
  return pbf.readMessage((field, to) => {
    if (field === FIELD.key) to.key = pbf.readString();
    if (field === FIELD.value) to.value = pbf.readString();
  }, entry);
}

/** YAML, of which JSON is a part. */
function parsed(text: string, where: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new UserError(`${where}: neither YAML nor JSON (${firstLine(error)})`);
  }
}
