import { readFileSync } from 'node:fs';

/** Names of the users and groups of a machine. An id without a name, or a machine without the file, gives ''. */
export interface AccountNames {
  userName(uid: number): string;
  groupName(gid: number): string;
}

/**
 * Reads the names once, from files in the form of passwd(5) and group(5): in both the name is the first field and the id
 * the third, and of several entries with one id the first counts. Users that exist only in a directory service (LDAP,
 * Active Directory) have no name here; their numbers are kept in any case.
 */
export function readAccountNames(passwdFile = '/etc/passwd', groupFile = '/etc/group'): AccountNames {
  const users = readNames(passwdFile);
  const groups = readNames(groupFile);
  return {
    userName: (uid) => users.get(uid) ?? '',
    groupName: (gid) => groups.get(gid) ?? '',
  };
}

function readNames(file: string): Map<number, string> {
  const names = new Map<number, string>();
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return names;
  }
  for (const line of text.split('\n')) {
    const [name, , id] = line.split(':');
    if (name === undefined || name === '' || id === undefined || !/^[0-9]+$/.test(id)) continue;
    if (!names.has(Number(id))) names.set(Number(id), name);
  }
  return names;
}

let ofThisMachine: AccountNames | undefined;

/** The names on this machine, read once in each thread. */
export function accountNames(): AccountNames {
  ofThisMachine ??= readAccountNames();
  return ofThisMachine;
}
