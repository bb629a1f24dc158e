import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { textColumn } from '../../src/data/columns.js';
import { textDataset } from '../../src/datasets/text.js';
import { parseModelSpec } from '../../src/models/model-spec.js';
import { writeModel } from '../models/graphs.js';
import { tokenGraph } from '../models/text-graphs.js';
import { ROOT, rankstream } from '../support/cli.js';
import { installIn } from '../support/installed.js';
import { itemTable } from '../support/items.js';
import { temporaryFolder } from '../support/tables.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const { bash, node } = installIn(folder);
const [, section] = /^## Texts\n([\s\S]*?)^## /m.exec(readFileSync(join(ROOT, 'docs/items.md'), 'utf8')) as RegExpExecArray;
const block = (language: string) => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(section)?.[1] as string;
/** The command of the section is there once `evaluate` takes a model. */
const takesModel = (await rankstream(['evaluate', '--help'])).stdout.includes('--model');

beforeAll(() => {
  writeFileSync(at('texts.csv'), block('csv'));
  writeFileSync(at('model.yaml'), block('yaml'));
  writeModel(folder, 'model.onnx', tokenGraph(8));
  copyFileSync(join(ROOT, 'tests/fixtures/text/bert.json'), at('tokenizer.json'));
});

describe('docs/items.md, Texts', () => {
  it('shows a description of a model that its texts are opened with', async () => {
    const { modality, input, pooling, normalise } = parseModelSpec(parse(block('yaml')), 'model.yaml');
    expect({ modality, pooling, normalise }).toEqual({ modality: 'text', pooling: 'mean', normalise: true });
    const inputs = [{ name: 'input_ids', type: 'int64', shape: ['batch', 'tokens'] }];
    const places = { root: folder, modelFolder: folder, inputs, model: 'model.onnx' };
    const dataset = await textDataset(itemTable({ text: textColumn(['red dress']) }), input, places);
    expect(dataset.preparation['max-length']).toBe(256);
  });

  it('shows code that runs', async () => {
    const { status, stdout, stderr } = await node(block('ts'));
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^\[\s*2,[\s\d,]*\b3\s*\]\n\d+ 1\n$/);
  });

  it.runIf(takesModel)('shows a command that runs', async () => {
    const { status, stdout, stderr } = await bash(block('bash'));
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('cmc@1');
  });
});
