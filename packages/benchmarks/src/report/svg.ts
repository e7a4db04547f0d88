/** Colours that are told apart in print and by most eyes with weak colour vision (Okabe and Ito). */
const palette = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#d55e00', '#56b4e9', '#999999'];

/** The colour of the engine with this number; ours is number 0. */
export function colourOf(engine: number): string {
  return palette[engine % palette.length] ?? '#000000';
}

/** Text for an SVG file. */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A piece of text with its lower left corner at `x`, `y`. */
export function label(x: number, y: number, text: string, size = 12, anchor = 'start'): string {
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" text-anchor="${anchor}">${escapeText(text)}</text>`;
}

/** A file with these parts on white. */
export function document(width: number, height: number, parts: readonly string[]): string {
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(width)} ${round(height)}" font-family="sans-serif" fill="#222222">`;
  return [head, `<rect width="100%" height="100%" fill="#ffffff"/>`, ...parts, '</svg>', ''].join('\n');
}

/** A coordinate with as many digits as anybody sees. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
