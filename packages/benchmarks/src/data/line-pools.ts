import { RandomNumbers } from './random-numbers.ts';

/** Kinds of content that files are made of. */
export type ContentKind = 'code' | 'prose' | 'log' | 'records' | 'random';

const letters = 'etaoinshrdlucmfwypvbgkjqxz';
const wordCount = 6000;
const linesInPool = 20_000;

/** Lines of text to make files of, the same for the same seed. */
export interface LinePools {
  readonly code: readonly Buffer[];
  readonly prose: readonly Buffer[];
  readonly log: readonly Buffer[];
}

/** Makes the lines: words with the frequencies of a language (Zipf), in the shapes of program code, prose and logs. */
export function makeLinePools(seed: string): LinePools {
  const random = new RandomNumbers(seed, 'lines');
  const words = Array.from({ length: wordCount }, () => makeWord(random));
  const word = (): string => words[Math.floor(wordCount ** random.fraction()) - 1] ?? 'and';
  const name = (): string => `${word()}${capital(word())}`;
  const make = (line: () => string): Buffer[] => Array.from({ length: linesInPool }, () => Buffer.from(`${line()}\n`));
  const sentence = (): string => Array.from({ length: 6 + random.below(12) }, word).join(' ');
  const codeShapes = [
    () => `const ${name()} = ${name()}(${word()}, ${random.below(1000)});`,
    () => `if (${name()} !== ${word()}.${word()}) return ${name()}(${word()});`,
    () => `export function ${name()}(${word()}: ${capital(word())}, ${word()}: number): ${capital(name())} {`,
    () => `// ${sentence()}`,
    () => `import { ${name()}, ${name()} } from './${word()}/${word()}';`,
    () => `this.${word()}.${name()} = [${random.below(256)}, ${random.below(65_536)}, '${word()}'];`,
    () => '}',
  ];
  const levels = ['INFO', 'INFO', 'INFO', 'WARN', 'ERROR', 'DEBUG'];
  return {
    code: make(() => `${'  '.repeat(random.below(5))}${random.choose(codeShapes)()}`),
    prose: make(() => `${capital(sentence())}. ${capital(sentence())},`),
    log: make(
      () => `${random.choose(levels)} ${word()}.${word()} ${sentence()} user=${random.below(9000)} status=${word()}`,
    ),
  };
}

function makeWord(random: RandomNumbers): string {
  let word = '';
  for (let length = 2 + random.below(9); length > 0; length -= 1) {
    word += letters[Math.floor(26 ** random.fraction()) - 1] ?? 'e';
  }
  return word;
}

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);
