import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium as playwright } from 'playwright-core';

/** A running Chromium with what it unpacked; `close` ends it and removes everything it left on the disk. */
export interface LaunchedBrowser {
  readonly browser: Browser;
  close(): Promise<void>;
}

/**
 * Starts the headless Chromium that comes as an npm package (no system package is needed).
 * The package unpacks under `TMPDIR` by fixed file names and takes what it finds there, so that two test files would run into each other's
 * half-written binary: each launch has a directory of its own. Its shared libraries (NSS and others) are unpacked only where it believes
 * to be on AWS Lambda, and it decides that while it is imported.
 */
export async function launchBrowser(): Promise<LaunchedBrowser> {
  const directory = await mkdtemp(join(tmpdir(), 'rankstream-browser-'));
  const remove = () => rm(directory, { recursive: true, force: true, maxRetries: 5 });
  try {
    const { executablePath, args } = await withEnv({ TMPDIR: directory, AWS_LAMBDA_JS_RUNTIME: 'nodejs20.x' }, async () => {
      const { default: chromium } = await import('@sparticuz/chromium');
      return { executablePath: await chromium.executablePath(), args: chromium.args };
    });
    const home = join(directory, 'home');
    await mkdir(home);
    await writeFile(join(directory, 'fonts.conf'), fontsConf(directory));
    const browser = await playwright.launch({
      executablePath,
      // Playwright names its own headless mode; a single process ends the whole browser with its first closed page.
      args: args.filter((arg) => !/^--(headless|single-process|no-zygote)/.test(arg)),
      headless: true,
      env: {
        ...definedEnv(),
        TMPDIR: directory,
        HOME: home,
        LD_LIBRARY_PATH: [join(directory, 'al2023', 'lib'), directory, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
        FONTCONFIG_FILE: join(directory, 'fonts.conf'),
      },
    });
    const close = async () => {
      await browser.close();
      await remove();
    };
    return { browser, close };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Runs `work` with environment variables set, then puts back every variable that it (or the package in its care) changed. */
async function withEnv<T>(variables: Record<string, string>, work: () => Promise<T>): Promise<T> {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    return await work();
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

/** The package's own configuration looks for its fonts in /tmp/fonts, whatever the temporary directory is. */
function fontsConf(directory: string): string {
  const dirs = [join(directory, 'fonts'), '/usr/share/fonts'].map((path) => `<dir>${path}</dir>`).join('');
  return `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>${dirs}<cachedir>${join(directory, 'cache')}</cachedir></fontconfig>`;
}

function definedEnv(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
