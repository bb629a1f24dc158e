import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readModelSpec } from '../../src/models/model-metadata.js';
import { parseModelSpec } from '../../src/models/model-spec.js';
import { writeModel } from '../models/graphs.js';
import { ROOT } from '../support/cli.js';
import { COLOURS, writePicture } from '../support/colours.js';
import { installIn } from '../support/installed.js';
import { hasPython, PYTHON, python } from '../support/python.js';
import { readmeBlocks } from '../support/readme.js';
import { temporaryFolder } from '../support/tables.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const { bash } = installIn(folder);
const blocks = (language: string) => readmeBlocks(language, 'docs/export.md');
const [ownModel, ownTexts, describing] = blocks('python');
const env = `export RANKSTREAM_CACHE=${at('cache')} HF_HUB_OFFLINE=1\npython() { "${PYTHON}" -W ignore "$@"; }\n`;

/** Whether transformers can be used: it is no peer of the benchmarks. */
const hasTransformers = hasPython && (await python(['-c', 'from transformers import BertModel'])).status === 0;

beforeAll(async () => {
  writeFileSync(at('my_model.py'), ownModel);
  writeFileSync(at('my_texts.py'), ownTexts);
  mkdirSync(at('pictures'));
  const rows: string[] = [];
  for (const [i, name] of Object.keys(COLOURS).entries()) {
    for (const n of [0, 1]) {
      await writePicture(at(`pictures/${name}${n}.png`), COLOURS[name], 2 * i + n);
      rows.push(`${name},validation,1,1,pictures/${name}${n}.png`);
    }
  }
  writeFileSync(at('items.csv'), ['label,split,is_query,is_gallery,path', ...rows, ''].join('\n'));
  writeFileSync(at('texts.csv'), 'label,text\n1,red dress\n1,a red dress\n2,reset my password\n2,my password\n');
});

describe('docs/export.md', () => {
  it('shows descriptions that are read', () => {
    expect(parseModelSpec(JSON.parse(blocks('json')[0]), 'json').modality).toBe('image');
    expect(parseModelSpec(parse(blocks('yaml')[0]), 'yaml').pooling).toBe('mean');
    const keys = [...readFileSync(join(ROOT, 'docs/export.md'), 'utf8').matchAll(/^\| `([a-z]+)`/gm)].map(([, key]) => key);
    expect(keys).toEqual(Object.keys(JSON.parse(blocks('json')[0])));
  });

  it.skipIf(!hasPython).each(blocks('bash').map((block, i) => [i, block]))('shows commands that run (%i)', async (_, commands) => {
    const { status, stdout, stderr } = await bash(env + commands);
    expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/\.onnx: input -> \[batch, \d+\], at most \S+ from PyTorch/);
    expect(stdout).toContain('cmc@1');
  });

  it.skipIf(!hasPython)('shows how a file is described that is there already', async () => {
    const dims = ['batch', 3, 64, 64];
    const nodes = [{ type: 'Identity', inputs: ['x'], outputs: ['y'] }];
    writeModel(folder, 'bare.onnx', {
      nodes,
      inputs: [{ name: 'x', type: 'float32', dims }],
      outputs: [{ name: 'y', type: 'float32', dims }],
    });
    expect((await python(['-c', describing], folder)).stderr).toBe('');
    expect(await readModelSpec(at('bare.onnx'))).toBeUndefined();
    expect((await readModelSpec(at('described.onnx')))?.input.transform).toEqual({ name: 'norm_resize_torch', size: 64 });
  });

  it.skipIf(!hasTransformers)('shows how a model of Hugging Face is exported', async () => {
    // A folder of that name is what from_pretrained takes, in place of the hub.
    const [, name] = /NAME = "(.*)"/.exec(ownTexts) as RegExpExecArray;
    const code = `
import sys
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast
config = BertConfig(vocab_size=200, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32)
BertModel(config).save_pretrained(sys.argv[1])
PreTrainedTokenizerFast(tokenizer_file=sys.argv[2], pad_token="[PAD]").save_pretrained(sys.argv[1])`;
    const made = await python(['-c', code, at(name), join(ROOT, 'tests/fixtures/text/bert.json')]);
    expect(made.status).toBe(0);
    const { status, stdout, stderr } = await bash(env + blocks('sh')[0]);
    expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/texts\.onnx: input_ids, attention_mask -> \[batch, tokens, 32\]/);
    expect(stdout).toContain('cmc@1');
  });
});
