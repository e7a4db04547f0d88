import { catalogEngines, type CatalogEngineUnderTest } from '@enterprise-backup/test-support/catalog-engines';
import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import { startOrchestrator, type OrchestratorUnderTest } from './orchestrator-under-test.ts';

/** Defines a suite for each engine of the catalog; its tests begin with an empty catalog at the start of tests. */
export const describeOnEachEngine = (
  name: string,
  suite: (orchestrator: () => OrchestratorUnderTest, engine: CatalogEngineUnderTest['name']) => void,
): void => {
  for (const engine of catalogEngines) {
    describe.skipIf(!engine.available)(`${name} on ${engine.name}`, () => {
      let started: OrchestratorUnderTest | undefined;
      const orchestrator = (): OrchestratorUnderTest => {
        if (started === undefined) throw new Error('the orchestrator has not been started');
        return started;
      };
      beforeAll(async () => {
        started = await startOrchestrator(engine);
      });
      beforeEach(() => orchestrator().reset());
      afterAll(() => started?.stop());
      suite(orchestrator, engine.name);
    });
  }
};
