/** An error before anything is installed, when the platform's own error registry cannot be loaded yet. */
export class StartupError extends Error {
  /**
   * @param {string} code stable, in capitals, listed in docs/development.md
   * @param {string} sentence what happened
   * @param {string} hint what the person can do
   */
  constructor(code, sentence, hint) {
    super(sentence);
    this.name = code;
    this.hint = hint;
  }
}
