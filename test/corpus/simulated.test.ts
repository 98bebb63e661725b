import { describe } from 'vitest'
import { declareCorpus } from './declare.ts'

/** test/cluster/corpus.test.ts plays the same, and more, on a real control plane. */
describe('the corpus on the simulated cluster', () => declareCorpus('simulated'))
