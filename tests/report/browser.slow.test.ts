import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderReport } from '../../src/report/html.js';
import { type LaunchedBrowser, launchBrowser } from '../support/browser.js';
import { pictureGallery, pictureReport, textReport } from './sample.js';

const TEXTS = [
  'How do I renew a passport that has expired while I was abroad?',
  'You can renew an expired passport at the consulate. Bring two photographs, the old passport and a proof of address.',
  'A very long answer. '.repeat(80),
  'كيف أجدد جواز سفري المنتهي؟',
  'Visa on arrival is possible in 40 countries',
];

let launched: LaunchedBrowser;
let folder: string;
let pictures: string;
let texts: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rankstream-report-'));
  launched = await launchBrowser();
  pictures = join(folder, 'pictures.html');
  texts = join(folder, 'texts.html');
  await writeFile(pictures, await renderReport(pictureReport(await pictureGallery(folder)), { root: folder }));
  await writeFile(texts, await renderReport(textReport(TEXTS)));
});

afterAll(async () => {
  await launched?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Opens a file without a network and collects everything that goes wrong and every request beyond the file itself. */
async function open(file: string, width = 1280, colorScheme: 'light' | 'dark' = 'light'): Promise<{ page: Page; problems: string[] }> {
  const context = await launched.browser.newContext({ offline: true, viewport: { width, height: 900 }, colorScheme });
  const page = await context.newPage();
  const problems: string[] = [];
  const url = pathToFileURL(file).href;
  page.on('console', (message) => problems.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (request.url() !== url && !request.url().startsWith('data:')) problems.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  return { page, problems };
}

/** For a person who works on the design: `SCREENSHOTS=folder` keeps what the browser showed. */
async function keepShot(page: Page, name: string): Promise<void> {
  if (process.env.SCREENSHOTS) await page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}.png`), fullPage: true });
}

const borderColor = (page: Page, selector: string) =>
  page
    .locator(selector)
    .first()
    .evaluate((element) => getComputedStyle(element).borderBottomColor);

describe('the report in Chromium', () => {
  test.each([
    ['pictures', 1280],
    ['pictures', 800],
    ['texts', 1280],
    ['texts', 800],
    ['pictures', 390],
  ] as const)('%s at %i px: quiet, offline, no horizontal overflow', async (which, width) => {
    const { page, problems } = await open(which === 'pictures' ? pictures : texts, width);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
    const outside = await page.evaluate(() => {
      const right = (element: Element) => element.getBoundingClientRect().right;
      return Array.from(document.querySelectorAll('.card')).flatMap((card) =>
        Array.from(card.querySelectorAll('.cell')).filter((c) => right(c) > right(card)),
      ).length;
    });
    expect(outside).toBe(0);
    await keepShot(page, `${which}-${width}`);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('frames have the colours of the legend', async () => {
    const { page } = await open(pictures);
    expect(await borderColor(page, '.cell.query .frame')).toBe('rgb(11, 92, 213)');
    expect(await borderColor(page, '.cell.correct .frame')).toBe('rgb(26, 127, 55)');
    expect(await borderColor(page, '.cell.wrong .frame')).toBe('rgb(200, 30, 43)');
    expect(await borderColor(page, '.cell.missed .frame')).toBe('rgb(107, 116, 128)');
    await page.context().close();
    const other = await open(texts);
    expect(await borderColor(other.page, '.cell.unknown .frame')).toBe('rgb(0, 0, 0)');
    await other.page.context().close();
  });

  test('every picture decodes and is painted', async () => {
    const { page } = await open(pictures);
    const widths = await page.evaluate(() =>
      Promise.all(
        Array.from(document.querySelectorAll('symbol image')).map(async (element) => {
          const image = new Image();
          image.src = element.getAttribute('href') ?? '';
          await image.decode();
          return image.naturalWidth;
        }),
      ),
    );
    expect(widths.length).toBeGreaterThan(10);
    expect(Math.min(...widths)).toBeGreaterThan(0);
    const dangling = await page.evaluate(
      () => Array.from(document.querySelectorAll('use')).filter((use) => !document.querySelector(use.getAttribute('href') ?? '')).length,
    );
    expect(dangling).toBe(0);
    // A cell without its picture would be plain white.
    const shot = await page.locator('.cell.correct .frame').first().screenshot();
    const colors = await page.evaluate(async (base64) => {
      const image = new Image();
      image.src = `data:image/png;base64,${base64}`;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height);
      const draw = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
      draw.drawImage(image, 0, 0);
      const { data } = draw.getImageData(0, 0, image.width, image.height);
      const seen = new Set<number>();
      for (let i = 0; i < data.length; i += 4) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
      return seen.size;
    }, shot.toString('base64'));
    expect(colors).toBeGreaterThan(20);
    await page.context().close();
  });

  test('prints with its colours', async () => {
    const { page, problems } = await open(pictures, 794);
    await page.emulateMedia({ media: 'print' });
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
    await keepShot(page, 'print');
    expect((await page.pdf({ format: 'A4', printBackground: false })).length).toBeGreaterThan(10_000);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('before and after stand in the same columns', async () => {
    const { page } = await open(pictures);
    const lefts = await page.evaluate(() =>
      Array.from(document.querySelectorAll('.card:first-of-type .lists > section')).map((list) =>
        Array.from(list.querySelectorAll('.cell')).map((cell) => cell.getBoundingClientRect().left),
      ),
    );
    expect(lefts[0]).toHaveLength(5);
    expect(lefts[1]).toEqual(lefts[0]);
    await page.context().close();
  });

  test.each(['light', 'dark'] as const)('text keeps its contrast on a %s page', async (scheme) => {
    const { page, problems } = await open(pictures, 1280, scheme);
    const low = await page.evaluate(() => {
      const numbers = (color: string) => (color.match(/[\d.]+/g) ?? []).map(Number);
      const luminance = (color: string) => {
        const [r, g, b] = numbers(color).map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const ground = (element: Element | null): string => {
        if (!element) return 'rgb(255, 255, 255)';
        const color = getComputedStyle(element).backgroundColor;
        return numbers(color)[3] === 0 ? ground(element.parentElement) : color;
      };
      const texts = Array.from(
        document.querySelectorAll(
          'h1,h2,h3,h4,h4 span,dt,dd,a,th,td,.before,.before span,.badge,figcaption,.label,.fact,.score,.legend li,.legend i,footer',
        ),
      );
      return texts
        .map((element) => {
          const [a, b] = [luminance(getComputedStyle(element).color), luminance(ground(element))].sort((x, y) => y - x);
          return `${element.tagName}.${element.className} ${((a + 0.05) / (b + 0.05)).toFixed(2)}`;
        })
        .filter((text) => Number(text.split(' ').at(-1)) < 4.5);
    });
    expect([...new Set(low)]).toEqual([]);
    await keepShot(page, `${scheme}`);
    expect(problems).toEqual([]);
    await page.context().close();
  });
});
