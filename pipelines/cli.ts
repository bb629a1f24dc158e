#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { UserError } from '../src/data/errors.js';
import { resultsTable } from '../src/report/table.js';
import { checkOptions } from './check-options.js';
import { exitWithReader } from './closed-pipe.js';
import { COMMANDS, terminal } from './commands.js';
import { camel, isPositional, OPTIONS, type OptionName } from './options.js';
import { progressBar } from './progress.js';
import { VERSION } from './version.js';

/** Builds the program; nothing runs before it parses. */
function program(signal: AbortSignal): Command {
  const root = new Command('rankstream')
    .description('How good are these embeddings, which queries fail, and does this post-processing step help?')
    .version(VERSION)
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride();
  for (const { name, argument, help, options, run } of COMMANDS) {
    const command = root.command(name).argument(argument).description(help).exitOverride();
    for (const option of options) addOption(command, option);
    command.action(async (given: string | string[] | undefined, flags: Record<string, unknown>) => {
      // Commander names options in camel case; they are checked, and complained of, under the names that the user typed.
      const typed = Object.fromEntries(
        // Where several may be given, none is an empty list.
        options.map((option) => [option, isPositional(option) ? (given?.length ? given : undefined) : typedFlag(command, flags, option)]),
      );
      const checked = await checkOptions(typed, options);
      const printed = await run(checked, { progress: progressBar(), signal });
      if (printed === undefined) return;
      if (typeof printed === 'string') console.log(printed);
      else if (checked.json) console.log(JSON.stringify(printed, null, 2));
      else console.log(resultsTable(printed, terminal()));
    });
  }
  return root;
}

/** What was typed: a switch that is on (`--no-cache` turns it off) has a value without that. */
function typedFlag(command: Command, flags: Record<string, unknown>, option: OptionName): unknown {
  return command.getOptionValueSource(camel(option)) === 'cli' ? flags[camel(option)] : undefined;
}

function addOption(command: Command, name: OptionName): void {
  if (isPositional(name)) return;
  const {
    argument,
    help,
    short: letter,
    negated,
  } = OPTIONS[name] as { argument?: string; help: string; short?: string; negated?: boolean };
  const short = letter ? `-${letter}, ` : '';
  if (negated) command.option(`--no-${name}`, help);
  else if (!argument) command.option(`${short}--${name}`, help);
  else if (argument.endsWith('...>')) {
    // One value at each use: `--with A --with B`, so that a flag never swallows the table after it.
    command.option(`${short}--${name} ${argument.replace('...', '')}`, `${help}`, (value: string, before?: string[]) => [
      ...(before ?? []),
      value,
    ]);
  } else command.option(`${short}--${name} ${argument}`, help);
}

async function main(): Promise<number> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  exitWithReader();
  try {
    await program(stop.signal).parseAsync();
    return 0;
  } catch (error) {
    if (stop.signal.aborted) {
      console.error('rankstream: stopped');
      return 130;
    }
    // Commander has printed its own line; help and version are no errors.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof UserError) {
      console.error(`rankstream: ${error.message}`);
      return 2;
    }
    console.error('rankstream: this is a fault of ours; please report it with what follows');
    console.error(error);
    return 1;
  }
}

process.exitCode = await main();
