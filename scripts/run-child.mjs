import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const FORWARDED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

/** Ctrl-C reaches this process twice, from the terminal and from npm, which passes on what it gets itself. */
const SAME_KEYSTROKE_MS = 250;

/**
 * Runs a program in a session of its own, so that it hears of signals only from here, once each, and returns its exit
 * code when it has ended. Where the child was ended by a signal, this process ends by the same one.
 *
 * @param {string} command absolute path of the program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>}
 */
export const runChild = (command, args, options = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: 'inherit', detached: process.platform !== 'win32' });
    const lastSent = new Map();
    const forward = (signal) => {
      const now = performance.now();
      const before = lastSent.get(signal);
      if (before !== undefined && now - before < SAME_KEYSTROKE_MS) return;
      lastSent.set(signal, now);
      child.kill(signal);
    };
    for (const signal of FORWARDED_SIGNALS) process.on(signal, forward);
    const stopForwarding = () => {
      for (const signal of FORWARDED_SIGNALS) process.off(signal, forward);
    };
    child.once('error', (error) => {
      stopForwarding();
      reject(error);
    });
    child.once('exit', (status, signal) => {
      stopForwarding();
      if (signal === null) {
        resolve(status);
        return;
      }
      if (FORWARDED_SIGNALS.includes(signal)) process.kill(process.pid, signal);
      resolve(128 + constants.signals[signal]);
    });
  });
