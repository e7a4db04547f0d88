import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { systemClock } from './clock.ts';
import { PlatformError } from './errors.ts';
import { createFunctionHandler } from './function-handler.ts';
import type { FunctionLog, FunctionMetrics } from './invocation.ts';

interface Entry {
  readonly level: string;
  readonly message: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

const table = {
  greet: { request: z.object({ name: z.string() }), response: z.object({ greeting: z.string() }) },
  fail: { request: z.object({}), response: z.object({}) },
  refuse: { request: z.object({}), response: z.object({}) },
  break: { request: z.object({}), response: z.object({ greeting: z.string() }) },
} as const;

const context = { awsRequestId: 'request-1' };

const functionUnderTest = (options: { readonly routineActions?: readonly 'greet'[] } = {}) => {
  const entries: Entry[] = [];
  const published: string[][] = [];
  let metricNames: string[] = [];
  const write =
    (level: string) =>
    (message: string, attributes: Readonly<Record<string, unknown>>): void => {
      entries.push({ level, message, attributes });
    };
  const log: FunctionLog = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  const metrics: FunctionMetrics = {
    addMetric: (name) => metricNames.push(name),
    hasStoredMetrics: () => metricNames.length > 0,
    publishStoredMetrics: () => {
      published.push(metricNames);
      metricNames = [];
    },
  };
  const call = createFunctionHandler({
    table,
    ...options,
    clock: systemClock,
    log,
    metrics,
    handlers: {
      greet: ({ name }) => {
        metrics.addMetric('Greetings', 'Count', 1);
        return Promise.resolve({ greeting: `hello ${name}`, inner: 'not for callers' });
      },
      fail: () => Promise.reject(new TypeError('password=hunter2')),
      refuse: () => Promise.reject(new PlatformError('NAME_TAKEN', 'the name alice is taken')),
      break: () => Promise.resolve({ greeting: 7 as unknown as string }),
    },
  });
  return { call, entries, published };
};

describe('a function', () => {
  it('answers what the contract names and nothing else', async () => {
    const { call, entries, published } = functionUnderTest();
    expect(await call({ action: 'greet', name: 'alice' }, context)).toEqual({ greeting: 'hello alice' });
    expect(entries).toMatchObject([
      { level: 'info', message: 'action completed', attributes: { action: 'greet', request_id: 'request-1' } },
    ]);
    expect(JSON.stringify(entries)).not.toContain('alice');
    expect(published).toEqual([['Greetings']]);
  });

  it('logs the success of a routine action at the level debug, and its failure as any', async () => {
    const { call, entries } = functionUnderTest({ routineActions: ['greet'] });
    await call({ action: 'greet', name: 'alice' }, context);
    await call({ action: 'greet' }, context).catch(() => undefined);
    expect(entries.map(({ level }) => level)).toEqual(['debug', 'warn']);
  });

  it('hides an unknown error and logs its cause', async () => {
    const { call, entries } = functionUnderTest();
    const error = await call({ action: 'fail' }, context).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PlatformError);
    expect(error).toMatchObject({ name: 'INTERNAL' });
    expect(error instanceof Error ? error.cause : error).toBeUndefined();
    expect(String(error)).not.toContain('hunter2');
    expect(entries).toMatchObject([
      { level: 'error', attributes: { action: 'fail', code: 'INTERNAL', error: { message: 'password=hunter2' } } },
    ]);
  });

  it('passes a refusal on and keeps its sentence out of the log', async () => {
    const { call, entries } = functionUnderTest();
    await expect(call({ action: 'refuse' }, context)).rejects.toThrow('the name alice is taken');
    expect(entries).toMatchObject([{ level: 'warn', attributes: { action: 'refuse', code: 'NAME_TAKEN' } }]);
    expect(JSON.stringify(entries)).not.toContain('alice');
  });

  it('does not answer what breaks the contract', async () => {
    const { call } = functionUnderTest();
    await expect(call({ action: 'break' }, context)).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it.each([
    ['no object', 'greet', 'REQUEST_INVALID'],
    ['an array', [], 'REQUEST_INVALID'],
    ['null', null, 'REQUEST_INVALID'],
    ['no action', {}, 'ACTION_UNKNOWN'],
    ['an unknown action', { action: 'drop' }, 'ACTION_UNKNOWN'],
    ['an action that only objects have', { action: 'toString' }, 'ACTION_UNKNOWN'],
    ['a field too many', { action: 'greet', name: 'a', extra: 1 }, 'REQUEST_INVALID'],
    ['a wrong type', { action: 'greet', name: 1 }, 'REQUEST_INVALID'],
  ])('refuses %s', async (_, event, code) => {
    const { call, entries } = functionUnderTest();
    await expect(call(event, context)).rejects.toMatchObject({ code });
    expect(entries).toHaveLength(1);
    expect(JSON.stringify(entries)).not.toContain('drop');
  });
});
