import { expect, it } from 'vitest';
import { runMeasured } from './run-measured.ts';

const script = (text: string) => ({
  program: process.execPath,
  args: ['-e', text],
  environment: {},
  folder: import.meta.dirname,
});

it('counts the processor time and memory of a process that another one starts, and passes its output on', async () => {
  const inner = `
    const held = Buffer.alloc(200e6, 1);
    while (process.cpuUsage().user < 400_000);
    setTimeout(() => console.log('done', held.length), 300);
  `;
  const outer = `require('node:child_process').execFileSync(process.execPath, ['-e', ${JSON.stringify(inner)}], { stdio: 'inherit' })`;
  const { run, output } = await runMeasured(script(outer));
  expect(output).toBe('done 200000000\n');
  expect(run.user_seconds).toBeGreaterThan(0.4);
  expect(run.wall_seconds).toBeGreaterThan(0.3);
  expect(run.peak_memory_bytes).toBeGreaterThan(200e6);
  expect(run.peak_memory_bytes).toBeLessThan(600e6);
});

it('refuses a program that fails, and repeats what it said', async () => {
  await expect(runMeasured(script('console.error("no such disk"); process.exit(3)'))).rejects.toMatchObject({
    code: 'BENCHMARK_FAILED',
    message: expect.stringMatching(/ended with status 3:\nno such disk/) as string,
  });
});
