/** The part of cli-progress 3 that is used here: the package brings no types. */
declare module 'cli-progress' {
  export interface SingleBarOptions<Payload> {
    /** Composes the whole line. `maxWidth` is the width of the terminal. */
    readonly format: (options: unknown, state: { readonly maxWidth: number }, payload: Payload) => string;
    readonly stream: NodeJS.WritableStream;
    /** Most redraws in a second. */
    readonly fps: number;
    readonly hideCursor: boolean;
    readonly clearOnComplete: boolean;
  }
  export class SingleBar<Payload extends object> {
    constructor(options: SingleBarOptions<Payload>);
    start(total: number, startValue: number, payload: Payload): void;
    /** The payload's fields replace those of before. */
    update(payload: Payload): void;
    stop(): void;
  }
}
