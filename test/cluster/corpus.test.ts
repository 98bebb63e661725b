import { describe } from 'vitest'
import { declareCorpus } from '../corpus/declare.ts'
import { canRunControlPlane } from './control-plane/available.ts'

/** test/corpus/simulated.test.ts plays most of it on the simulated cluster. */
describe.skipIf(!canRunControlPlane())('the corpus on a real control plane, with exactly the rights of deploy/slipway.yaml', () => declareCorpus('real'))
