import { Command, InvalidArgumentError, Option } from 'commander';
import { UserError } from '../src/data/errors.js';
import { DEVICES } from '../src/runtime/devices.js';
import { environment } from './environment.js';
import { issue562Bench } from './issue562.js';
import { largeBench } from './large.js';
import { memoryBench } from './memory.js';
import { type MetricsBench, metricsBench } from './metrics.js';
import { type PostprocessBench, postprocessBench } from './postprocess.js';
import { type SearchBench, searchBench } from './search.js';
import { type TrecBench, trecBench } from './trec.js';

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

const program = new Command('bench').description('benchmarks; see bench/README.md').action(() => program.help());

program
  .command('search')
  .description('search and metrics beside the bare ONNX graph, FAISS and OML')
  .addOption(scale())
  .option('--k <number>', 'items to retrieve', whole, 100)
  .option('--rounds <number>', 'rounds, of which the best counts', whole, 3)
  .addOption(new Option('--device <name>', 'where rankstream searches').choices(['auto', ...DEVICES]).default('cpu'))
  .option('--peers <python>', 'a Python with faiss-cpu and open-metric-learning; without it the peers are left out')
  .action((options: SearchBench) => measured(() => searchBench(options)));
program
  .command('metrics')
  .description('ten IR measures of a run in memory, beside pytrec_eval and ranx')
  .addOption(scale())
  .option('--rounds <number>', 'rounds, of which the best counts', whole, 3)
  .option('--peers <python>', 'a Python with pytrec-eval-terrier and ranx; without it the peers are left out')
  .action((options: MetricsBench) => measured(() => metricsBench(options)));
program
  .command('postprocess')
  .description('post-processors beside their bare core or their reference')
  .addOption(scale())
  .option('--rounds <number>', 'rounds, of which the best counts', whole, 3)
  .option('--peers <python>', 'a Python with numpy; without it the peers are left out')
  .action((options: PostprocessBench) => measured(() => postprocessBench(options)));
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
  .command('trec')
  .description('a run of 6 million lines from text to ten measures, beside trec_eval and pytrec_eval')
  .addOption(scale())
  .option('--rounds <number>', 'rounds, of which the best counts', whole, 3)
  .option('--peers <python>', 'a Python with pytrec-eval-terrier; without it that peer is left out')
  .option('--trec-eval <program>', "trec_eval's C program; without it that peer is left out")
  .action((options: TrecBench) => measured(() => trecBench(options)));
program
  .command('large')
  .description('4 million vectors of 2 GB, searched in 1 GB of memory')
  .addOption(scale())
  .action((options: { scale: number }) => measured(() => largeBench(options)));

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
