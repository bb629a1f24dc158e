import type { Random } from './random.js';

const pick = <T>(random: Random, values: readonly T[]) => values[random.below(values.length)];
const colour = (random: Random) => `hsl(${random.below(360)} ${30 + random.below(60)}% ${20 + random.below(60)}%)`;

/** A drawing of lines, curves and discs in black on white, as an icon is made of: an SVG of 256 x 256 units. */
export function drawing(random: Random): string {
  const at = () => 16 + random.below(224);
  const shapes = Array.from({ length: 3 + random.below(5) }, () =>
    pick(random, [
      `<circle cx="${at()}" cy="${at()}" r="${8 + random.below(64)}"/>`,
      `<path d="M${at()},${at()}C${at()},${at()},${at()},${at()},${at()},${at()}"/>`,
      `<polygon points="${at()},${at()} ${at()},${at()} ${at()},${at()}"/>`,
      `<line x1="${at()}" y1="${at()}" x2="${at()}" y2="${at()}"/>`,
    ]),
  );
  const style = `fill="${pick(random, ['none', '#000'])}" stroke="#000" stroke-width="${4 + random.below(20)}" stroke-linecap="round"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 256 256" width="256" height="256"><g ${style}>${shapes.join('')}</g></svg>`;
}

/** A coloured scene with grain, which compresses about as a photograph does: an SVG of the given size, in pixels. */
export function scene(random: Random, width: number, height: number): string {
  const shapes = Array.from({ length: 40 }, () => {
    const place = `cx="${random.below(width)}" cy="${random.below(height)}" rx="${4 + random.below(90)}" ry="${4 + random.below(90)}"`;
    return `<ellipse ${place} fill="${colour(random)}" opacity="0.6"/>`;
  });
  const stops = [0, 1].map((offset) => `<stop offset="${offset}" stop-color="${colour(random)}"/>`).join('');
  const grain = `<filter id="grain"><feTurbulence type="fractalNoise" baseFrequency="0.4" numOctaves="3" seed="${random.below(1000)}"/></filter>`;
  const whole = `width="${width}" height="${height}"`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" ${whole}><defs><linearGradient id="sky">${stops}</linearGradient>${grain}</defs>` +
    `<rect ${whole} fill="url(#sky)"/>${shapes.join('')}<rect ${whole} filter="url(#grain)" opacity="0.25"/></svg>`
  );
}
