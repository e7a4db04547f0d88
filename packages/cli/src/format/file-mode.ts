/** Bits of Go's os.FileMode beside the nine of the rights: https://pkg.go.dev/io/fs#FileMode. */
const setUser = 1 << 23;
const setGroup = 1 << 22;
const sticky = 1 << 20;

const typeLetters: Readonly<Record<string, string>> = {
  dir: 'd',
  symlink: 'l',
  fifo: 'p',
  dev: 'b',
  chardev: 'c',
  socket: 's',
};

/** The mode of an entry of a snapshot (Go's os.FileMode and restic's name of the type) as `ls -l` shows it: `-rwxr-sr-x`. */
export function formatFileMode(mode: number, type: string): string {
  const triple = (shift: number, special: boolean, letter: string): string => {
    const rights = (mode >> shift) & 7;
    const execute = (rights & 1) !== 0;
    const last = special ? (execute ? letter : letter.toUpperCase()) : execute ? 'x' : '-';
    return `${(rights & 4) === 0 ? '-' : 'r'}${(rights & 2) === 0 ? '-' : 'w'}${last}`;
  };
  const user = triple(6, (mode & setUser) !== 0, 's');
  const group = triple(3, (mode & setGroup) !== 0, 's');
  const others = triple(0, (mode & sticky) !== 0, 't');
  return `${typeLetters[type] ?? '-'}${user}${group}${others}`;
}
