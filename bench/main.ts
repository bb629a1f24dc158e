import { Command, InvalidArgumentError, Option } from 'commander';
import { UserError } from '../src/data/errors.js';
import { DEVICES } from '../src/runtime/devices.js';
import { accuracyBench } from './accuracy.js';
import { CASES } from './cases.js';
import { environment } from './environment.js';
import { growthBench } from './growth.js';
import { type InferenceBench, inferenceBench } from './inference.js';
import { INFERENCE_CASES, type InferenceCaseName } from './inference-cases.js';
import { issue562Bench } from './issue562.js';
import { largeBench } from './large.js';
import { memoryBench } from './memory.js';
import { type MetricsBench, metricsBench } from './metrics.js';
import { type PostprocessBench, postprocessBench } from './postprocess.js';
import { type SearchBench, searchBench } from './search.js';
import { type TrecBench, trecBench } from './trec.js';
import { verificationBench } from './verification.js';

const whole = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('give a positive integer');
  return value;
};

const fraction = (text: string): number => {
  const value = Number(text);
  if (!(value > 0 && value <= 1)) throw new InvalidArgumentError('give a number above 0, at most 1');
  return value;
};
const scale = () => new Option('--scale <fraction>', 'of the sizes, to try the benchmark itself').argParser(fraction).default(1);
const rounds = () => new Option('--rounds <number>', 'rounds, of which the best counts').argParser(whole).default(3);
const peers = () => new Option('--peers <python>', 'a Python with bench/peers/requirements.txt; without it the peers are left out');

const namesOf =
  <Name extends string>(cases: Record<Name, unknown>) =>
  (text: string): Name[] =>
    text.split(',').map((name) => {
      if (!Object.hasOwn(cases, name)) throw new InvalidArgumentError(`"${name}" is none of ${Object.keys(cases).join(', ')}`);
      return name as Name;
    });

const inferenceCases = Object.keys(INFERENCE_CASES) as InferenceCaseName[];

const program = new Command('bench').description('benchmarks; see bench/README.md').action(() => program.help());

program
  .command('search')
  .description('search beside the bare ONNX graph and the peers')
  .option('--case <names>', `of ${Object.keys(CASES).join(', ')}`, namesOf(CASES), ['products'])
  .addOption(scale())
  .addOption(rounds())
  .addOption(new Option('--device <name>', 'where rankstream searches').choices(['auto', ...DEVICES]).default('cpu'))
  .addOption(peers())
  .action((options: SearchBench) => measured(() => searchBench(options)));
program
  .command('postprocess')
  .description('post-processors beside their bare core or their reference')
  .addOption(scale())
  .addOption(rounds())
  .addOption(peers())
  .action((options: PostprocessBench) => measured(() => postprocessBench(options)));
program
  .command('inference')
  .description('items to embeddings beside the model alone; peak memory with ten times the items')
  .option('--case <names>', `of ${inferenceCases.join(', ')}`, namesOf(INFERENCE_CASES), inferenceCases)
  .option('--text-model <file>', 'an ONNX model of texts with one vector for each and tokenizer.json beside it; without it one is made')
  .addOption(scale())
  .addOption(rounds())
  .action((options: InferenceBench) => measured(() => inferenceBench(options)));
program
  .command('memory')
  .description('peak memory with ten times the queries')
  .addOption(scale())
  .action((options: { scale: number }) => measured(() => memoryBench(options)));
program
  .command('issue562')
  .description('450,000 items of 172 labels, where OML runs out of memory')
  .addOption(scale())
  .action((options: { scale: number }) => measured(() => issue562Bench(options)));
program
  .command('growth')
  .description('seconds with 1/4 to 4/4 of the queries, and of the gallery: linear')
  .addOption(scale())
  .addOption(rounds())
  .action((options: { scale: number; rounds: number }) => measured(() => growthBench(options)));
program
  .command('accuracy')
  .description('how wrong the distances of near-duplicates are, and their order')
  .addOption(scale())
  .addOption(peers())
  .action((options: { scale: number; peers?: string }) => measured(() => accuracyBench(options)));
program
  .command('metrics')
  .description('ten IR measures of a run in memory, beside pytrec_eval and ranx')
  .addOption(scale())
  .addOption(rounds())
  .addOption(peers())
  .action((options: MetricsBench) => measured(() => metricsBench(options)));
program
  .command('trec')
  .description('a run of 6 million lines from text to ten measures, beside trec_eval and pytrec_eval')
  .addOption(scale())
  .addOption(rounds())
  .addOption(peers())
  .option('--trec-eval <program>', "trec_eval's C program; without it that peer is left out")
  .action((options: TrecBench) => measured(() => trecBench(options)));
program
  .command('large')
  .description('4 million vectors of 2 GB, searched in 1 GB of memory')
  .addOption(scale())
  .action((options: { scale: number }) => measured(() => largeBench(options)));
program
  .command('verification')
  .description('FNMR@FMR of all pairs beside the search')
  .addOption(scale())
  .option('--rounds <number>', 'rounds, of which the best counts', whole, 3)
  .action((options: { rounds: number; scale: number }) => measured(() => verificationBench(options)));

async function measured(bench: () => Promise<void>): Promise<void> {
  console.log(environment());
  await bench();
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(`bench: ${error.message}`);
  process.exitCode = 2;
}
